"""Seals of the journal: each closes an hour or more of a firm's lines with a digest over them and over the seal before.

Whoever changes, removes or slips in a line behind the product breaks the seal; whoever rewrites a seal breaks the next.
A digest is logged when it is made, so that the newest ones have a witness outside the database.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Identity,
    Index,
    RowMapping,
    UniqueConstraint,
    func,
    select,
    text,
)
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
# Lines as they were written: of an amended one the digest before, if it is now as the amendment left it.
WRITTEN = """
    SELECT j.firm_id, j.at, j.id, CASE WHEN a.after IS NULL THEN journal_line(j)
                                       WHEN a.after = journal_line(j) THEN a.before ELSE 'tampered' END AS digest
      FROM journal j LEFT JOIN amended a ON a.line_id = j.id
    UNION ALL
    SELECT a.firm_id, a.line_at, a.line_id, CASE WHEN a.after = '' THEN a.before ELSE 'tampered' END
      FROM amended a WHERE NOT EXISTS (SELECT FROM journal j WHERE j.firm_id = a.firm_id AND j.id = a.line_id)
"""
AMENDED = """
    SELECT a.firm_id, a.line_id, min(a.line_at) AS line_at, (array_agg(a.before ORDER BY a.number))[1] AS before,
           (array_agg(a.after ORDER BY a.number DESC))[1] AS after
      FROM journal_amendment a WHERE a.firm_id = :firm GROUP BY a.firm_id, a.line_id
"""
# What a seal closes: the seal before, its lines, and what was amended meanwhile.
DIGEST = """
    encode(sha256(convert_to(s.previous || E'\\n' || coalesce(w.digests, '') || E'\\n' || coalesce(
      (SELECT string_agg(a.line_id || a.before || a.after, E'\\n' ORDER BY a.number) FROM journal_amendment a
        WHERE a.firm_id = s.firm_id AND a.at > s.since AND a.at <= s.until), ''), 'UTF8')), 'hex')
"""
LINES = """
    LEFT JOIN LATERAL (SELECT count(*) AS found, string_agg(l.digest, E'\\n' ORDER BY l.at, l.id) AS digests
                         FROM written l WHERE l.firm_id = s.firm_id AND l.at > s.since AND l.at <= s.until) w ON true
"""
SEALED = text(f"""
    WITH amended AS MATERIALIZED ({AMENDED}), written AS ({WRITTEN}),
    s AS (SELECT cast(:firm AS uuid) AS firm_id, cast(:previous AS text) AS previous, cast(:since AS timestamptz) AS since,
                 cast(:until AS timestamptz) AS until)
    SELECT w.found AS lines, {DIGEST} AS digest FROM s {LINES}
""")  # noqa: S608
VERIFIED = text(f"""
    WITH amended AS MATERIALIZED ({AMENDED}), written AS ({WRITTEN})
    SELECT s.number, s.since, s.until, s.lines, s.previous, s.digest, w.found, {DIGEST} AS again
      FROM (SELECT * FROM journal_seal WHERE firm_id = :firm AND number > :after ORDER BY number LIMIT {AT_ONCE}) s {LINES}
     ORDER BY s.number
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


class JournalAmendment(FirmOwned, Model):
    """A line that lost a person's traces, or went when its time was over: written by a trigger, for the database's own functions."""

    number: Mapped[int] = mapped_column(BigInteger, Identity(always=False), comment="their order")
    line_id: Mapped[UUID]
    line_at: Mapped[dt.datetime]
    before: Mapped[str] = mapped_column(comment="the line's digest before")
    after: Mapped[str] = mapped_column(comment="and after; empty: the line is gone")
    at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        ForeignKeyConstraint(["firm_id"], ["firm.id"]),
        Index(None, "firm_id", "line_id"),
        Index(None, "firm_id", "line_at"),
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


def amended() -> int:
    """Firm scope: how many lines lost a person's traces, or went when their time was over."""
    return db.session.scalar(select(func.count(JournalAmendment.line_id.distinct()))) or 0


def seals() -> Sequence[JournalSeal]:
    """Firm scope: the firm's seals, in order."""
    return db.session.scalars(select(JournalSeal).order_by(JournalSeal.number)).all()
