"""What is left of people in the product's own records: the journal, the log of mails, and their requests about their data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, func, or_, select, update

from saas.kit import words
from saas.kit.journal import Journal
from saas.kit.mail import MailLog
from saas.kit.personal import Erasing, Fact, Part, Person, Row, holds_personal, not_personal
from saas.kit.retention import Keep, keep, old
from saas.privacy.gone import ask_for_the_gone, end_holds
from saas.privacy.models import Correction, Erasure
from tenants.db import db
from tenants.scope import Kind

MOST = 1000


def _read_journal(person: Person) -> Sequence[Row]:
    """What the person did, and what was done about them, in this space; names of others are left out."""
    mine = or_(Journal.actor_id == person.account_id, Journal.subject_id == person.member_id)
    rows = db.session.scalars(select(Journal).where(mine).order_by(Journal.at.desc()).limit(MOST))
    return [
        [
            Fact("at", _l("On"), row.at),
            Fact("by", _l("By"), _("you") if row.actor_id == person.account_id else _("somebody else")),
            Fact("act", _l("Act"), _act(row, person)),
        ]
        for row in rows
    ]


def _act(row: Journal, person: Person) -> str:
    """The act in words. Another person's name is theirs: an act on somebody else is said without it."""
    about = row.subject_id == person.member_id
    return str(words.ACTS.get(row.action, row.action)).replace("%(what)s", row.subject if about else "…")


def _read_mails(person: Person) -> Sequence[Row]:
    own = [MailLog.member_id == person.member_id]
    if person.email:
        own.append(func.lower(MailLog.to) == person.email)
    rows = db.session.scalars(select(MailLog).where(or_(*own)).order_by(MailLog.sent_at.desc()).limit(MOST))
    return [
        [
            Fact("sent_at", _l("Sent on"), row.sent_at), Fact("to", _l("Sent to"), row.to), Fact("subject", _l("Subject"), row.subject),
            Fact("bounced_at", _l("Came back on"), row.bounced_at),
        ]
        for row in rows
    ]  # fmt: skip


def forget_networks(before: dt.datetime, most: int) -> int:
    """Blank the network addresses of lines of the journal before a moment, so many at most; returns how many."""
    return db.session.scalar(select(func.forget_networks(before, most))) or 0


def _erase_traces(person: Person, how: Erasing) -> None:
    """Nobody of the product may change the journal or the log of mails: a function of the database takes the person out."""
    db.session.scalar(select(func.forget_traces(person.member_id, how.name)))


def _read_requests(person: Person) -> Sequence[Row]:
    asked = db.session.scalars(select(Correction).where(Correction.member_id == person.member_id).order_by(Correction.at))
    rows: list[Row] = [
        [
            Fact("at", _l("On"), row.at),
            Fact("text", _l("Correction asked for"), row.text),
            Fact("answer", _l("What was answered"), row.answer),
        ]
        for row in asked
    ]
    erasures = db.session.scalars(select(Erasure).where(Erasure.member_id == person.member_id).order_by(Erasure.at))
    rows += [
        [
            Fact("at", _l("On"), row.at),
            Fact("erasure", _l("Erasure"), row.state),
            Fact("answer", _l("What was answered"), row.reason),
        ]
        for row in erasures
    ]
    return rows


def _erase_requests(person: Person, how: Erasing) -> None:
    db.session.execute(delete(Correction).where(Correction.member_id == person.member_id))
    db.session.execute(update(Erasure).where(Erasure.member_id == person.member_id).values(reason=""))
    if how.called:
        db.session.execute(update(Correction).where(Correction.answered_by == how.called).values(answered_by=how.name))
        db.session.execute(update(Erasure).where(Erasure.decided_by == how.called).values(decided_by=how.name))


REQUESTS = holds_personal(
    Part(
        "requests", _l("Your requests"), _l("corrections and erasures you asked for, and what was answered"),
        _l("answer you (GDPR art. 12)"), "duty", ("correction_request", "erasure"), _read_requests, erase=_erase_requests,
    )
)  # fmt: skip
MAILS = holds_personal(
    Part(
        "mails", _l("Mails we sent you"), _l("address, subject, when, whether it came back; never what it said"),
        _l("know that you were told"), "interest", ("mail_log",), _read_mails,
    )
)  # fmt: skip
JOURNAL = holds_personal(
    Part(
        "journal", _l("Journal"), _l("who did what and when"), _l("keep the product safe, and settle disputes"), "interest",
        ("journal", "outbox"), _read_journal, erase=_erase_traces, rank=1,
    )
)  # fmt: skip
not_personal("a company's own identity provider: its addresses and secrets", "sso_connection")
not_personal("amounts and ids of Stripe", "stripe_event")
not_personal("when periodic work is due", "schedule")

keep(
    Keep(
        "people", _l("People of a client who left"), _l("to answer about past training"), years=3, since=_l("after they left"),
        purge=ask_for_the_gone,
    )
)  # fmt: skip
# `years` is the firm's own setting: the privacy page says which; `held_until` was written with it.
keep(
    Keep(
        "evidence", _l("Attendance sheets and certificates"), _l("C. trav. L6362-6; LPF L102 B; ten years for co-funded training"),
        years=6, since=_l("after the session"), purge=end_holds,
    )
)  # fmt: skip
keep(
    Keep(
        "corrections", _l("Corrections that were answered"), _l("to show that you were answered"), months=12, since=_l("after the answer"),
        purge=old("correction_request"),
    )
)  # fmt: skip
keep(
    Keep(
        "mails", _l("Log of mails"), _l("to know who was told"), months=12, since=_l("after the mail"), purge=old("mail_log"),
        scopes=(Kind.FIRM, Kind.PLATFORM),
    )
)  # fmt: skip
keep(
    Keep(
        "journal", _l("Journal of acts"), _l("security, and limitation of claims (C. civ. 2224)"), years=5, since=_l("after the act"),
        purge=old("journal"), scopes=(Kind.FIRM, Kind.PLATFORM),
    )
)  # fmt: skip
keep(
    Keep(
        "networks", _l("Network addresses in the journal"), _l("to look into a misuse"), months=12, since=_l("after the act"),
        purge=forget_networks, scopes=(Kind.FIRM, Kind.PLATFORM),
    )
)  # fmt: skip
# Let go of by the job queue.forget.
keep(Keep("outbox", _l("Work that was done"), _l("to look into a fault"), days=30, since=_l("after it was done")))
