"""Work for later: a row of the outbox, written with the change that asks for it, then a wake-up through RQ.

The row, not Redis, is the truth. A job is a function registered under a name; it runs in the scope of the row that asked,
and marks the row done in the same transaction as its effect, so of two copies one acts. This is the only file that
imports rq.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any
from uuid import UUID

import structlog
from flask import current_app
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, Retry, Worker
from rq.exceptions import DuplicateJobError, InvalidJobOperation, NoSuchJobError
from rq.job import Job
from rq.serializers import JSONSerializer
from sqlalchemy import CheckConstraint, Index, and_, delete, event, func, insert, or_, select, text, update
from sqlalchemy.orm import Mapped, SessionTransaction, configure_mappers, mapped_column

from tenants.db import Model, Shared, TenantSession, db, new_id
from tenants.models import Firm
from tenants.scope import Kind, Scope, current_scope, inside

log = structlog.get_logger()
QUEUE = "cordee"
ATTEMPTS = 8
PUSH_AGAIN_AFTER = dt.timedelta(seconds=30)
# A worker says every ten seconds that its job is alive; one that has not for this long was killed with its machine.
ALIVE_EVERY = 10
ABANDONED_AFTER = dt.timedelta(seconds=40)
DONE_IS_KEPT = dt.timedelta(days=30)
Handler = Callable[..., None]
JOBS: dict[str, Handler] = {}
FAILURES: dict[str, Handler] = {}
_running: ContextVar[UUID | None] = ContextVar("running", default=None)


class Outbox(Shared, Model):
    """One piece of work to do once. `payload` holds ids only. A row with `dead_at` waits for a person."""

    kind: Mapped[str]
    scope: Mapped[str]
    account_id: Mapped[UUID | None]
    payload: Mapped[dict[str, Any]]
    asked_by: Mapped[str] = mapped_column(default="", server_default="")
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    due_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    pushed_at: Mapped[dt.datetime | None]
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    done_at: Mapped[dt.datetime | None]
    dead_at: Mapped[dt.datetime | None]
    error: Mapped[str] = mapped_column(default="", server_default="")

    __table_args__ = (
        CheckConstraint("scope IN ('platform', 'public', 'firm', 'workspace', 'community')", name="scope"),
        Index("ix_outbox_open", "due_at", postgresql_where=text("done_at IS NULL AND dead_at IS NULL")),
        Index("ix_outbox_firm_id_dead_at", "firm_id", "dead_at"),
    )

    def where(self) -> Scope:
        """The scope the work runs in: that of whoever asked."""
        return Scope(Kind(self.scope), self.firm_id, self.workspace_id, self.account_id)


class Schedule(Model):
    """Periodic work: when `name` is due next. The cron process only knocks."""

    name: Mapped[str] = mapped_column(primary_key=True)
    every: Mapped[int] = mapped_column(comment="seconds")
    next_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())


def job(name: str) -> Callable[[Handler], Handler]:
    """Register a function as the work that outbox rows of this kind ask for."""

    def register(handler: Handler) -> Handler:
        if JOBS.setdefault(name, handler) is not handler:
            raise ValueError(f"two jobs are called {name}")
        return handler

    return register


def on_failure(name: str) -> Callable[[Handler], Handler]:
    """Register what to do, in the job's own scope, when it has failed: called with ``dead`` (no more tries) and its ids."""

    def register(handler: Handler) -> Handler:
        FAILURES[name] = handler
        return handler

    return register


def later(kind: str, *, due: dt.datetime | None = None, asked_by: str = "", **ids: Any) -> UUID:
    """Ask for a job, with the change in hand: nothing leaves unless it commits. Returns the row's id."""
    return _ask(kind, [ids], due, asked_by)[0]


def later_each(kind: str, name: str, ids: Sequence[UUID], *, due: dt.datetime | None = None) -> list[UUID]:
    """Ask for one job an id, given to it under `name`, in one statement. Returns the rows' ids."""
    return _ask(kind, [{name: i} for i in ids], due) if ids else []


def for_each_firm(kind: str) -> None:
    """Platform scope: ask for a job once in the scope of each active firm, which looks at its own rows alone."""
    for firm_id in db.session.scalars(select(Firm.id).where(Firm.state == "active")):
        with inside(Scope.firm(firm_id)):
            later(kind)


def _ask(kind: str, payloads: Sequence[dict[str, Any]], due: dt.datetime | None, asked_by: str = "") -> list[UUID]:
    if kind not in JOBS:
        raise ValueError(f"no job is called {kind}")
    scope = current_scope()
    common: dict[str, Any] = {
        "kind": kind,
        "scope": scope.kind,
        "firm_id": scope.firm_id,
        "workspace_id": scope.workspace_id,
        "account_id": scope.account_id,
        "asked_by": asked_by,
    }
    if due is not None:
        common["due_at"] = due
    rows = [
        common
        | {
            "id": new_id(),
            "payload": {name: str(value) if isinstance(value, UUID) else value for name, value in ids.items()},
        }
        for ids in payloads
    ]
    db.session.execute(insert(Outbox), rows)
    row_ids = [row["id"] for row in rows]
    if due is None:
        db.session.info.setdefault("pushes", []).extend(row_ids)
    return row_ids


@event.listens_for(TenantSession, "after_commit")
def _push_committed(session: TenantSession) -> None:
    if session.in_nested_transaction():
        return  # a released savepoint has promised nothing yet
    for row_id in session.info.pop("pushes", []):
        try:
            push(row_id)
        except RedisError:
            log.warning("redis is away: the sweeper will push", outbox=str(row_id))
            return


@event.listens_for(TenantSession, "after_soft_rollback")
def _forget_pushes(session: TenantSession, previous: SessionTransaction) -> None:
    if not previous.nested:
        session.info.pop("pushes", None)


def connection() -> Redis:
    """The Redis that wakes the workers."""
    url = current_app.config["REDIS_URL"]
    known: dict[str, Any] = current_app.extensions
    if "cordee_redis" not in known:
        known["cordee_redis"] = Redis.from_url(url, socket_connect_timeout=2)
    redis: Redis = known["cordee_redis"]
    return redis


def queue() -> Queue:
    return Queue(QUEUE, connection=connection(), serializer=JSONSerializer)


def push(row_id: UUID) -> None:
    """Wake a worker for a row. A failed or finished job of the same id blocks a new one, so it is deleted first."""
    for _ in range(2):
        try:
            queue().enqueue(
                run, str(row_id), job_id=str(row_id), unique=True, retry=Retry(max=5), result_ttl=0,
                failure_ttl=7 * 86400, job_timeout=600,
            )  # fmt: skip
        except DuplicateJobError:
            try:
                old = Job.fetch(str(row_id), connection=connection(), serializer=JSONSerializer)
                if not _is_over(old):
                    return
            except (NoSuchJobError, InvalidJobOperation):  # it ended and went while it was looked at
                continue
            old.delete()
        else:
            return


def _is_over(old: Job) -> bool:
    """Whether a job of the same id only stands in the way: ended, or taken by a worker that is no more.

    Should that worker's child still be at it, it holds the outbox row's lock: a second copy passes by.
    """
    status = old.get_status()
    if status == "started":
        return _is_long_past(old.last_heartbeat)
    if status == "queued":  # in no queue any more: its worker died between taking it and beginning
        return _is_long_past(old.enqueued_at) and queue().get_job_position(old.id) is None
    return status in ("failed", "finished", "stopped", "canceled")


def _is_long_past(moment: dt.datetime | None) -> bool:
    if moment is None:
        return False
    moment = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return moment < dt.datetime.now(dt.UTC) - ABANDONED_AFTER


def run(outbox_id: str) -> None:
    """What a worker does: perform one row's work in its scope, once. A failure is written down and tried again later."""
    row_id = UUID(outbox_id)
    with inside(Scope.platform()):
        row = db.session.get(Outbox, row_id)
        if row is None or row.done_at or row.dead_at:
            return
        kind, scope, payload = row.kind, row.where(), row.payload
    structlog.contextvars.bind_contextvars(job=kind, outbox=outbox_id)
    token = _running.set(row_id)
    try:
        with inside(scope):
            if db.session.scalar(select(func.outbox_done(row_id))):
                JOBS[kind](**payload)
    except Exception as error:
        log.exception("job failed")
        dead = _write_down(row_id, error, scope)
        if kind in FAILURES:
            with inside(scope):
                FAILURES[kind](dead=dead, **payload)
    finally:
        _running.reset(token)
        structlog.contextvars.unbind_contextvars("job", "outbox")


def running() -> UUID | None:
    """The outbox row whose work this is, inside a job."""
    return _running.get()


def _write_down(row_id: UUID, error: Exception, scope: Scope) -> bool:
    """Note a failure and when it is tried again; True when it is not."""
    # The words of an error inside a community may quote what was said there: only its kind leaves.
    words = type(error).__name__ if scope.kind is Kind.COMMUNITY else f"{type(error).__name__}: {error}"[:300]
    with inside(Scope.platform()):
        row = db.session.get_one(Outbox, row_id)
        row.attempts += 1
        row.error = words
        now = dt.datetime.now(dt.UTC)
        if row.attempts >= ATTEMPTS:
            row.dead_at = now
        else:
            row.due_at = now + dt.timedelta(seconds=min(5 * 4 ** (row.attempts - 1), 3600))
            row.pushed_at = None
        return row.dead_at is not None


def sweep(limit: int = 200) -> int:
    """Push again what no worker picked up; returns how many rows. Two sweepers at once take different rows."""
    now = dt.datetime.now(dt.UTC)
    stale = or_(Outbox.pushed_at.is_(None), Outbox.pushed_at < now - PUSH_AGAIN_AFTER)
    open_rows = and_(Outbox.done_at.is_(None), Outbox.dead_at.is_(None), Outbox.due_at <= now, stale)
    with inside(Scope.platform()):
        ids = db.session.scalars(
            select(Outbox.id).where(open_rows).order_by(Outbox.due_at).limit(limit).with_for_update(skip_locked=True)
        ).all()
        for row_id in ids:
            push(row_id)
        if ids:
            db.session.execute(update(Outbox).where(Outbox.id.in_(ids)).values(pushed_at=now))
    return len(ids)


def run_again(row_id: UUID) -> bool:
    """Give a dead row of this scope a new life. False when there is none."""
    row = db.session.scalar(select(Outbox).where(Outbox.id == row_id, Outbox.dead_at.is_not(None)))
    if row is None:
        return False
    row.dead_at, row.attempts, row.pushed_at, row.due_at = None, 0, None, dt.datetime.now(dt.UTC)
    db.session.info.setdefault("pushes", []).append(row_id)
    return True


def tick() -> None:
    """One knock of the clock: write what the schedule says is due to the outbox, then sweep."""
    now = dt.datetime.now(dt.UTC)
    with inside(Scope.platform()):
        due = select(Schedule).where(Schedule.next_at <= now).with_for_update(skip_locked=True)
        for entry in db.session.scalars(due):
            if entry.name in JOBS:
                later(entry.name)
            entry.next_at = now + dt.timedelta(seconds=entry.every)
    sweep()


@job("queue.forget")
def forget() -> None:
    """Daily: let go of work done a month ago. What failed stays until a person has seen to it."""
    db.session.execute(delete(Outbox).where(Outbox.done_at < dt.datetime.now(dt.UTC) - DONE_IS_KEPT))


class CordeeWorker(Worker):
    """A forking worker whose children never speak on their parent's database sockets."""

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        db.engine.dispose(close=False)
        super().main_work_horse(job, queue)


def work(burst: bool = False) -> None:
    """Run a worker in this process until it is told to stop."""
    configure_mappers()  # before the first fork: else each child does it again, and that is most of what a small job takes
    worker = CordeeWorker(
        [queue()], connection=connection(), serializer=JSONSerializer, name=f"{QUEUE}-{os.getpid()}-{new_id().hex[-6:]}",
        job_monitoring_interval=ALIVE_EVERY,
    )  # fmt: skip
    worker.work(burst=burst, with_scheduler=False, logging_level="WARNING")


def drain() -> int:
    """Do everything that is due here and now, in this process, for tests and the demo; returns how many rows ran."""
    done = 0
    while True:
        now = dt.datetime.now(dt.UTC)
        with inside(Scope.platform()):
            open_rows = and_(Outbox.done_at.is_(None), Outbox.dead_at.is_(None), Outbox.due_at <= now)
            ids = db.session.scalars(select(Outbox.id).where(open_rows).order_by(Outbox.created_at)).all()
        if not ids:
            return done
        for row_id in ids:
            run(str(row_id))
        done += len(ids)
