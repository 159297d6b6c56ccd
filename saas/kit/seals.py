"""Seals of the journal: each closes an hour or more of a firm's lines with a digest over them and over the seal before.

Whoever changes, removes or slips in a line behind the product breaks the seal; whoever rewrites a seal breaks the next.
A digest is logged when it is made, so that the newest ones have a witness outside the database.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, RowMapping, UniqueConstraint, func, select, text
from sqlalchemy.orm import Mapped, mapped_column

from saas.kit.clock import now
from tenants.db import FirmOwned, Model, db
from tenants.scope import current_scope

log = structlog.get_logger()
# A line carries the moment its transaction began: after an hour none can still be open (idle ones are cut after 30 s).
SETTLED = dt.timedelta(hours=1)
START = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
FAULTS = ("changed", "removed", "added", "unchained")
AT_ONCE = 200
LINES = """
    string_agg(jsonb_build_array(j.id, extract(epoch FROM j.at), j.workspace_id, j.actor_id, j.actor, j.action, j.subject_id,
                                 j.subject, j.facts, j.request, j.network)::text, E'\\n' ORDER BY j.at, j.id)
"""
DIGEST = "encode(sha256(convert_to({previous} || E'\\n' || coalesce({lines}, ''), 'UTF8')), 'hex')"
SEALED = text(f"""
    SELECT count(*) AS lines, {DIGEST.format(previous="cast(:previous AS text)", lines=LINES)} AS digest
      FROM journal j WHERE j.firm_id = :firm AND j.at > :since AND j.at <= :until
""")  # noqa: S608
VERIFIED = text(f"""
    SELECT s.number, s.since, s.until, s.lines, s.previous, s.digest, count(j.id) AS found,
           {DIGEST.format(previous="s.previous", lines=LINES)} AS again
      FROM journal_seal s LEFT JOIN journal j ON j.firm_id = s.firm_id AND j.at > s.since AND j.at <= s.until
     WHERE s.firm_id = :firm AND s.number > :after
     GROUP BY s.firm_id, s.id ORDER BY s.number LIMIT {AT_ONCE}
""")  # noqa: S608


class JournalSeal(FirmOwned, Model):
    """What a firm's journal held between two moments."""

    number: Mapped[int] = mapped_column(BigInteger)
    since: Mapped[dt.datetime] = mapped_column(comment="its lines are later than this")
    until: Mapped[dt.datetime] = mapped_column(comment="and no later than this")
    lines: Mapped[int] = mapped_column(BigInteger)
    previous: Mapped[str] = mapped_column(comment="the digest before this one")
    digest: Mapped[str] = mapped_column(comment="SHA-256 over the previous digest and the lines")
    at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    __table_args__ = (ForeignKeyConstraint(["firm_id"], ["firm.id"]), UniqueConstraint("firm_id", "number"))


class JournalCheck(FirmOwned, Model):
    """What looking at all seals of a firm found."""

    at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    seals: Mapped[int] = mapped_column(BigInteger, comment="how many were looked at")
    lines: Mapped[int] = mapped_column(BigInteger, comment="how many lines they hold")
    fault: Mapped[str] = mapped_column(default="", server_default="", comment="what does not hold; empty: nothing")
    since: Mapped[dt.datetime | None] = mapped_column(comment="where the first fault lies")
    until: Mapped[dt.datetime | None]

    __table_args__ = (
        ForeignKeyConstraint(["firm_id"], ["firm.id"]),
        CheckConstraint("fault IN ('', 'changed', 'removed', 'added', 'unchained')", name="fault"),
        Index(None, "firm_id", "at"),
    )


@dataclass(frozen=True, slots=True)
class Found:
    """What a look at a firm's seals gives: the digest that stands last, and the first fault."""

    seals: int
    lines: int
    digest: str = ""
    fault: str = ""
    since: dt.datetime | None = None
    until: dt.datetime | None = None


def seal(moment: dt.datetime | None = None) -> JournalSeal | None:
    """Firm scope: seal the lines that are an hour old at a moment (now); None when there is none to seal.

    Of two at once one fails on the seal's number, and finds nothing left when its job runs again.
    """
    last = db.session.scalars(select(JournalSeal).order_by(JournalSeal.number.desc()).limit(1)).first()
    since, previous = (last.until, last.digest) if last else (START, "")
    asked = {"firm": current_scope().firm_id, "since": since, "until": (moment or now()) - SETTLED, "previous": previous}
    found = db.session.execute(SEALED, asked).one()
    if not found.lines:
        return None
    made = JournalSeal(
        number=(last.number if last else 0) + 1, since=since, until=asked["until"], lines=found.lines, previous=previous,
        digest=found.digest,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    log.info("journal sealed", firm=str(made.firm_id), number=made.number, lines=made.lines, digest=made.digest)
    return made


def _read() -> Iterator[RowMapping]:
    after = 0
    while rows := db.session.execute(VERIFIED, {"firm": current_scope().firm_id, "after": after}).mappings().all():
        yield from rows
        after = rows[-1]["number"]


def verify() -> Found:
    """Firm scope: look at every line through every seal."""
    seals, lines, digest, until = 0, 0, "", START
    for row in _read():
        seals, lines = seals + 1, lines + row["lines"]
        if (row["number"], row["previous"], row["since"]) != (seals, digest, until):
            return _broken(seals, lines, "unchained", row)
        if row["again"] != row["digest"]:
            more = row["found"] - row["lines"]
            return _broken(seals, lines, "added" if more > 0 else "removed" if more < 0 else "changed", row)
        digest, until = row["digest"], row["until"]
    return Found(seals, lines, digest)


def _broken(seals: int, lines: int, fault: str, row: RowMapping) -> Found:
    log.error("the journal was changed", firm=str(current_scope().firm_id), seal=row["number"], fault=fault)
    return Found(seals, lines, row["digest"], fault, row["since"], row["until"])


def check() -> Found:
    """Firm scope: verify, and write down what was found."""
    found = verify()
    db.session.add(JournalCheck(seals=found.seals, lines=found.lines, fault=found.fault, since=found.since, until=found.until))
    db.session.flush()
    return found


def last_check() -> JournalCheck | None:
    """Firm scope: what the newest look found; None before the first."""
    return db.session.scalars(select(JournalCheck).order_by(JournalCheck.at.desc()).limit(1)).first()


def seals() -> Sequence[JournalSeal]:
    """Firm scope: the firm's seals, in order."""
    return db.session.scalars(select(JournalSeal).order_by(JournalSeal.number)).all()
