"""What enrolments hold about people: seats and wishes, absences announced, needs; and who acted on whose seat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select, update
from sqlalchemy.orm import joinedload, selectinload

from saas.catalogue.models import Offer, SessionLink, TrainingSession
from saas.enrolments.absences.models import Absence
from saas.enrolments.commands.leaving import withdraw
from saas.enrolments.models import LIVE, Enrolment, EnrolmentBatch, Placeholder, SeatBudget
from saas.enrolments.needs import commands as needs
from saas.enrolments.needs.words import ACCESS, DIET
from saas.enrolments.wishes.models import ProgrammeWish
from saas.kit import formats
from saas.kit.clock import now
from saas.kit.i18n import pick
from saas.kit.personal import Erasing, Fact, Part, Person, Row, holds_personal, not_personal
from saas.kit.retention import Keep, keep, old
from saas.kit.words import STEPS
from tenants.db import db

STATES = {
    "requested": _l("asked for"), "refused": _l("refused"), "waiting": _l("on the waiting list"), "offered": _l("offered"),
    "lapsed": _l("offer over"), "seated": _l("seat given"), "attended": _l("attended"), "absent": _l("absent"),
    "withdrawn": _l("given back"), "substituted": _l("taken over by somebody else"), "transferred": _l("moved to another session"),
    "cancelled": _l("session cancelled"),
}  # fmt: skip


def _seats(person: Person) -> Sequence[Enrolment]:
    session = joinedload(Enrolment.link).joinedload(SessionLink.session)
    own = select(Enrolment).where(Enrolment.member_id == person.member_id)
    options = (session.joinedload(TrainingSession.version), selectinload(Enrolment.events))
    return db.session.scalars(own.options(*options).order_by(Enrolment.requested_at)).all()


def _read_seats(person: Person) -> Sequence[Row]:
    return [
        [
            Fact("programme", _l("Programme"), pick(row.link.session.version.title)),
            Fact("starts_at", _l("Starts on"), row.link.session.starts_at), Fact("state", _l("State"), str(STATES[row.state])),
            Fact("price_cents", _l("Price excl. VAT"), formats.money(row.price_cents)),
            Fact("fee_cents", _l("Withdrawal fee"), formats.money(row.fee_cents)), Fact("reason", _l("Reason"), row.reason),
            Fact("steps", _l("What happened"), [_step(event) for event in row.events]),
        ]
        for row in _seats(person)
    ]  # fmt: skip


def _step(event: Any) -> str:
    return str(_("%(day)s: %(what)s", day=formats.day(event.at), what=STEPS.get(event.step, event.step)))


def _erase_seats(person: Person, how: Erasing) -> None:
    """Seats to come are given back by the command that people use; what is over keeps its dates and price, without words."""
    for row in _seats(person):
        if row.state in LIVE and row.link.session.starts_at > now():
            withdraw(row, "")
    own = Enrolment.member_id == person.member_id
    db.session.execute(update(Enrolment).where(own).values(reason=""))
    db.session.execute(
        update(EnrolmentBatch).where(EnrolmentBatch.account_id == person.account_id).values(account_id=None, by=how.name)
    )
    for said in (how.called, person.email):
        if said:
            named = Placeholder.label.contains(said, autoescape=True)
            db.session.execute(update(Placeholder).where(named).values(label=func.replace(Placeholder.label, said, how.name)))
            named = Enrolment.reason.contains(said, autoescape=True)
            db.session.execute(update(Enrolment).where(named).values(reason=func.replace(Enrolment.reason, said, how.name)))
    if how.called:
        for table in (EnrolmentBatch, Placeholder, SeatBudget):
            db.session.execute(update(table).where(table.by == how.called).values(by=how.name))
        answered = update(ProgrammeWish).where(ProgrammeWish.answered_by == how.called)
        db.session.execute(answered.values(answered_by=how.name))


def _read_wishes(person: Person) -> Sequence[Row]:
    own = select(ProgrammeWish).where(ProgrammeWish.member_id == person.member_id).order_by(ProgrammeWish.at)
    rows = db.session.scalars(own.options(joinedload(ProgrammeWish.offer).joinedload(Offer.version)))
    return [
        [
            Fact("programme", _l("Programme"), pick(row.offer.version.title)), Fact("at", _l("On"), row.at),
            Fact("why", _l("Why"), row.why), Fact("answer", _l("What was answered"), row.answer),
        ]
        for row in rows
    ]  # fmt: skip


def _erase_wishes(person: Person, _how: Erasing) -> None:
    own = ProgrammeWish.member_id == person.member_id
    db.session.execute(update(ProgrammeWish).where(own).values(why="", answer="", answered_by=""))
    still = own & ProgrammeWish.state.in_(("open", "planned"))
    db.session.execute(update(ProgrammeWish).where(still).values(state="withdrawn", answered_at=now()))


def _own_absences(person: Person) -> Any:
    return Absence.enrolment_id.in_(select(Enrolment.id).where(Enrolment.member_id == person.member_id))


def _read_absences(person: Person) -> Sequence[Row]:
    rows = db.session.scalars(select(Absence).where(_own_absences(person)).order_by(Absence.starts_at))
    return [
        [
            Fact("starts_at", _l("Half-day"), row.starts_at), Fact("reason", _l("Reason"), row.reason),
            Fact("said_at", _l("Announced on"), row.said_at), Fact("taken_back_at", _l("Taken back on"), row.taken_back_at),
        ]
        for row in rows
    ]  # fmt: skip


def _erase_absences(person: Person, _how: Erasing) -> None:
    db.session.execute(update(Absence).where(_own_absences(person)).values(reason=""))


def _read_needs(person: Person) -> Sequence[Row]:
    """What the database gives to the person alone."""
    if not person.token:
        return []
    rows: list[Row] = []
    for row in _seats(person):
        if row.state in LIVE and (need := needs.mine(row.id, person.token)):
            diet = [str(DIET.get(code, code)) for code in need.diet]
            access = [str(ACCESS.get(code, code)) for code in need.access]
            rows.append(
                [
                    Fact("programme", _l("Programme"), pick(row.link.session.version.title)),
                    Fact("diet", _l("Meals"), [*diet, *filter(None, [need.diet_words])]),
                    Fact("access", _l("Access"), [*access, *filter(None, [need.access_words])]),
                ]
            )  # fmt: skip
    return rows


SEATS = holds_personal(
    Part(
        "seats", _l("Seats"), _l("sessions you asked for, had a seat in or gave back; prices; each step and who made it"),
        _l("organise your training and invoice it"), "contract",
        (
            "enrolment", "enrolment_event", "enrolment_told", "enrolment_batch", "placeholder", "seat_credit", "seat_budget",
        ),
        _read_seats, erase=_erase_seats,
    )
)  # fmt: skip
WISHES = holds_personal(
    Part(
        "wishes", _l("Wishes"), _l("programmes you wish for, and why"), _l("plan the training your company needs"), "interest",
        ("programme_wish",), _read_wishes, erase=_erase_wishes,
    )
)  # fmt: skip
ABSENCES = holds_personal(
    Part(
        "absences", _l("Absences you announced"), _l("half-days you said you would miss, and the reason if you gave one"),
        _l("prepare the day"), "contract", ("absence",), _read_absences, erase=_erase_absences,
    )
)  # fmt: skip
NEEDS = holds_personal(
    Part(
        "needs", _l("What you need on the day"), _l("meals and access, only if you said so; your company never reads them"),
        _l("welcome you (GDPR art. 9.2 a: you said it yourself, and may take it back)"), "contract", ("seat_need",), _read_needs,
    )
)  # fmt: skip
not_personal(
    "the firm's own words for mails; who wrote them is of the staff", "letter_text", "client_letter_text", "letter_settings"
)
not_personal("until when a client's HR was told of enrolments", "link_news")

keep(
    Keep(
        "wishes", _l("Wishes that were answered"), _l("to plan training"), years=3, since=_l("after the answer"),
        purge=old("programme_wish"),
    )
)  # fmt: skip
# Let go of by the job enrolments.sweep_needs.
keep(Keep("needs", _l("Meals and access"), _l("of no use any more (GDPR art. 9)"), days=1, since=_l("after the session")))
