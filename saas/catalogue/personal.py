"""What the catalogue holds about people: calendar addresses, and when trainers teach and are away."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select

from saas.catalogue.models import MemberFeed, SessionTrainer, StaffFeed, TrainerAbsence, TrainingSession
from saas.kit.i18n import pick
from saas.kit.personal import Erasing, Fact, Part, Person, Row, holds_personal, not_personal
from saas.kit.retention import Keep, keep, old
from tenants.db import db
from tenants.scope import Kind


def _read_feed(person: Person) -> Sequence[Row]:
    rows = db.session.scalars(select(MemberFeed).where(MemberFeed.member_id == person.member_id))
    return [[Fact("made_at", _l("Made on"), row.created_at)] for row in rows]


def _erase_feed(person: Person, _how: Erasing) -> None:
    db.session.execute(delete(MemberFeed).where(MemberFeed.member_id == person.member_id))


def _read_taught(person: Person) -> Sequence[Row]:
    rows = db.session.scalars(
        select(TrainingSession)
        .join(SessionTrainer, (SessionTrainer.firm_id == TrainingSession.firm_id) & (SessionTrainer.session_id == TrainingSession.id))
        .where(SessionTrainer.staff_id == person.staff_id)
        .order_by(TrainingSession.starts_at)
    )  # fmt: skip
    return [
        [Fact("programme", _l("Programme"), pick(row.version.title)), Fact("starts_at", _l("Starts on"), row.starts_at)]
        for row in rows
    ]


def _read_away(person: Person) -> Sequence[Row]:
    away = db.session.scalars(select(TrainerAbsence).where(TrainerAbsence.staff_id == person.staff_id))
    feeds = db.session.scalars(select(StaffFeed).where(StaffFeed.staff_id == person.staff_id))
    rows: list[Row] = [
        [Fact("from", _l("Away from"), row.first_on), Fact("to", _l("Until"), row.last_on), Fact("note", _l("Note"), row.note)]
        for row in away
    ]
    return rows + [[Fact("calendar_made_at", _l("Calendar address made on"), row.created_at)] for row in feeds]


FEED = holds_personal(
    Part(
        "calendar", _l("Calendar address"), _l("that you made a secret address for your calendar, and when"),
        _l("show your dates in your own calendar"), "contract", ("member_feed",), _read_feed, erase=_erase_feed,
    )
)  # fmt: skip
TAUGHT = holds_personal(
    Part(
        "taught", _l("Sessions you teach"), _l("which sessions, when and where"), _l("plan and prove the training"), "contract",
        ("session_trainer",), _read_taught, Kind.FIRM,
    )
)  # fmt: skip
AWAY = holds_personal(
    Part(
        "away", _l("Your absences and calendar"), _l("days you are away, your calendar's address"), _l("plan sessions"), "contract",
        ("trainer_absence", "staff_feed"), _read_away, Kind.FIRM,
    )
)  # fmt: skip
not_personal("what is taught; who of the staff wrote it stands there as the firm's author", "programme", "programme_version")
not_personal("a file of programmes", "programme_import")
not_personal("places", "venue", "room")
not_personal("dates, places and links of a session; its people are seats", "training_session", "session_link", "slot")

keep(
    Keep(
        "calendars", _l("Calendar addresses"), _l("they lead nowhere any more"), days=1, since=_l("after the person left"),
        purge=old("member_feed"),
    )
)  # fmt: skip
