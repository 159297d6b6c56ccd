"""What waits for somebody's decision: across all clients for staff, of one client for its HR. One statement each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import g
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Date,
    DateTime,
    Select,
    Text,
    Uuid,
    case,
    cast,
    func,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB

from saas.catalogue.models import Offer, ProgrammeVersion, SessionLink, SessionSeats, TrainingSession
from saas.catalogue.queries.sessions import decision_is_due, within_reach
from saas.enrolments.models import OPEN, Enrolment, Placeholder
from saas.enrolments.queries.seats import of_own_people
from saas.enrolments.wishes.models import ProgrammeWish
from saas.home.queries import ToDo
from saas.identity.models import Member, StaffCard, StaffDocument
from saas.kit.access import may
from saas.kit.clock import PARIS, now, today
from saas.kit.i18n import pick
from saas.privacy.models import Correction, Erasure
from saas.workspaces.messages.models import DeskMessage
from saas.workspaces.models import FirmProfile
from saas.workspaces.queries.firm import EnrolmentRules
from saas.workspaces.queries.people import perimeter, within
from saas.workspaces.queries.trainers import ending_papers
from tenants.db import db
from tenants.models import Workspace

AHEAD = dt.timedelta(days=7)
SOON = 10  # days before names are due that HR is told of it
WISHES = 3  # so many people of one client who wish for a programme without a date are worth a session
MOST = 60
Piece = Select[Any]


def _row(kind: Any, **said: Any) -> tuple[Any, ...]:
    """The columns of one piece of the list: kind, client, clients, subject, title, text, number, at."""
    kinds: Mapping[str, Any] = {
        "client": Uuid, "clients": ARRAY(Uuid), "subject": Uuid, "title": JSONB, "text": Text, "number": BigInteger,
        "at": DateTime(timezone=True),
    }  # fmt: skip
    kind = literal(kind) if isinstance(kind, str) else kind
    return (cast(kind, Text).label("kind"), *[cast(said.get(name, null()), type_).label(name) for name, type_ in kinds.items()])


def _clients() -> Any:
    """The clients a session is open to, of those that whoever looks may act for."""
    links = select(func.array_agg(SessionLink.workspace_id)).where(SessionLink.session_id == TrainingSession.id)
    return links.correlate(TrainingSession).scalar_subquery()


def _to_decide() -> Piece:
    """Open sessions whose decision is near or due: too few people, or enough; and those that started without one."""
    kind = case(
        (TrainingSession.starts_at <= now(), "undecided"), (SessionSeats.taken < SessionSeats.minimum, "minimum"), else_="confirm"
    )
    on = func.timezone("Europe/Paris", cast(SessionSeats.decision_on, DateTime))
    return (
        select(
            *_row(
                kind, clients=_clients(), subject=TrainingSession.id, title=ProgrammeVersion.title,
                number=SessionSeats.minimum - SessionSeats.taken, at=func.coalesce(on, TrainingSession.starts_at),
            )
        )
        .join(SessionSeats, (SessionSeats.firm_id == TrainingSession.firm_id) & (SessionSeats.id == TrainingSession.id))
        .join(TrainingSession.version)
        .where(TrainingSession.state == "open", within_reach())
        .where(decision_is_due() | (decision_is_due(AHEAD) & (SessionSeats.taken < SessionSeats.minimum)))
    )  # fmt: skip


def _second_sessions() -> Piece:
    """Full sessions with as many people in line as a group of the programme needs."""
    waiting = func.count(Enrolment.id)
    return (
        select(
            *_row(
                "second", clients=func.array_agg(SessionLink.workspace_id.distinct()), subject=TrainingSession.id,
                title=ProgrammeVersion.title, number=waiting, at=func.min(Enrolment.queued_at),
            )
        )
        .select_from(Enrolment)
        .join(Enrolment.link)
        .join(SessionLink.session)
        .join(TrainingSession.version)
        .where(Enrolment.state == "waiting", TrainingSession.state.in_(OPEN), TrainingSession.starts_at > now())
        .group_by(TrainingSession.id, ProgrammeVersion.title, ProgrammeVersion.min_group)
        .having(waiting >= ProgrammeVersion.min_group)
    )  # fmt: skip


def _days_for_names() -> Any:
    """The day before which a session that starts must have the names of its seats."""
    return literal(today(), Date) + func.coalesce(select(FirmProfile.names_days).scalar_subquery(), EnrolmentRules().names_days)


def _without_names(soon: int = 0) -> Piece:
    """Seats kept without a name, the day for names being over, or near by so many days."""
    starts_on = cast(func.timezone("Europe/Paris", TrainingSession.starts_at), Date)
    return (
        select(
            *_row(
                "unnamed", client=Placeholder.workspace_id, subject=Placeholder.link_id, title=ProgrammeVersion.title,
                number=func.count(Placeholder.id), at=TrainingSession.starts_at,
            )
        )
        .join(Placeholder.link)
        .join(SessionLink.session)
        .join(TrainingSession.version)
        .where(Placeholder.state == "held", TrainingSession.starts_at > now(), starts_on < _days_for_names() + soon)
        .group_by(Placeholder.workspace_id, Placeholder.link_id, ProgrammeVersion.title, TrainingSession.starts_at)
    )  # fmt: skip


def _wishes() -> Piece:
    """Programmes that several people of one client wish for."""
    number = func.count(ProgrammeWish.id)
    return (
        select(
            *_row(
                "wishes", client=ProgrammeWish.workspace_id, subject=ProgrammeVersion.id, title=ProgrammeVersion.title, number=number,
                at=func.min(ProgrammeWish.at),
            )
        )
        .join(ProgrammeWish.offer)
        .join(Offer.version)
        .where(ProgrammeWish.state.in_(("open", "planned")))
        .group_by(ProgrammeWish.workspace_id, ProgrammeVersion.id, ProgrammeVersion.title)
        .having(number >= WISHES)
    )  # fmt: skip


def _messages() -> Piece:
    """What clients wrote and nobody has answered."""
    return (
        select(*_row("message", client=DeskMessage.workspace_id, number=func.count(DeskMessage.id), at=func.min(DeskMessage.at)))
        .where(DeskMessage.side == "client", DeskMessage.settled_at.is_(None))
        .group_by(DeskMessage.workspace_id)
    )


def _refused_addresses() -> Piece:
    """People whose address sends mails back."""
    return (
        select(*_row("refused", client=Member.workspace_id, number=func.count(Member.id)))
        .where(Member.left_at.is_(None), Member.refused_email != "", Member.refused_email == Member.email_norm)
        .group_by(Member.workspace_id)
    )


def _named() -> Any:
    return func.trim(Member.first_name + " " + Member.last_name)


def _corrections() -> Piece:
    """What people ask HR to correct of them."""
    row = _row("correction", client=Correction.workspace_id, subject=Correction.member_id, text=_named(), at=Correction.at)
    return select(*row).join(Correction.member).where(Correction.state == "open")


def _erasures() -> Piece:
    """Who asks to be erased, and by when they have an answer."""
    on = func.timezone("Europe/Paris", cast(Erasure.due_on, DateTime))
    row = _row("erasure", client=Erasure.workspace_id, subject=Erasure.member_id, text=_named(), at=on)
    return select(*row).join(Erasure.member).where(Erasure.state == "asked")


def _papers() -> Piece:
    """Documents of trainers that ended, or end within thirty days."""
    on = func.timezone("Europe/Paris", cast(StaffDocument.expires_on, DateTime))
    name = func.jsonb_build_object("name", StaffCard.name)
    return ending_papers(*_row("paper", subject=StaffDocument.staff_id, title=name, text=StaffDocument.label, at=on))


@dataclass(frozen=True, slots=True)
class Kind:
    """What a line of the list leads to, in an endpoint and its values."""

    endpoint: str
    values: Callable[[Any, str], Mapping[str, object]]


def _session(row: Any, _slug: str) -> Mapping[str, object]:
    return {"session_id": row.subject}


def _client(_row: Any, slug: str) -> Mapping[str, object]:
    return {"workspace": slug}


def _person(row: Any, slug: str) -> Mapping[str, object]:
    return {"workspace": slug, "member_id": row.subject}


# The most pressing kind first.
KINDS = {
    "erasure": Kind("erasures.show", _person),
    "undecided": Kind("rosters.show", _session),
    "minimum": Kind("rosters.show", _session),
    "confirm": Kind("rosters.show", _session),
    "message": Kind("messages.index", _client),
    "correction": Kind("corrections.show", _person),
    "offered": Kind("enrolments.index", lambda _row, slug: {"workspace": slug, "state": "offered"}),
    "unnamed": Kind("links.show", lambda row, slug: {"workspace": slug, "link_id": row.subject}),
    "second": Kind("rosters.show", _session),
    "refused": Kind("people.index", _client),
    "wishes": Kind("wishes.index", _client),
    "paper": Kind("trainers.show", lambda row, _slug: {"staff_id": row.subject}),
}


def of_staff(names: Mapping[UUID, Workspace]) -> list[ToDo]:
    """Firm scope: what waits for the firm, but for money and for what HR has left; the most pressing kind first."""
    pieces = [_to_decide(), _second_sessions()]
    if may("owner", "advisor"):
        pieces += [_messages(), _without_names(), _refused_addresses(), _wishes(), _papers()]
    if may("owner"):
        pieces.append(_erasures())
    return _read(pieces, names)


def _read(pieces: Sequence[Piece], names: Mapping[UUID, Workspace]) -> list[ToDo]:
    rows = db.session.execute(union_all(*pieces).limit(MOST)).all()
    order = list(KINDS)
    rows = sorted(rows, key=lambda row: (order.index(row.kind), row.at or now()))
    return [_todo(row, names) for row in rows if row.client is None or row.client in names]


def _todo(row: Any, names: Mapping[UUID, Any]) -> ToDo:
    own, kind = names.get(row.client), KINDS[row.kind]
    clients = sorted(names[i].name for i in row.clients or () if i in names)
    where = own.name if own else (row.title or {}).get("name") or ", ".join(clients)
    title = row.text or (pick(row.title) if row.title and "name" not in row.title else "")
    at = row.at.astimezone(PARIS).date() if row.kind == "paper" else row.at  # a paper ends with its day
    return ToDo(row.kind, title, where, kind.endpoint, kind.values(row, own.slug if own else ""), at, row.number or 0)


@dataclass(frozen=True, slots=True)
class Contact:
    """Who of the firm looks after a client."""

    id: UUID
    name: str
    email: str
    phone: str


def of_hr() -> tuple[list[ToDo], Contact | None]:
    """Workspace scope: what waits for a client's HR beside requests, and who of the firm it writes to. One statement."""
    own = g.viewer.workspace_id
    offered = (
        select(
            *_row("offered", client=Enrolment.workspace_id, number=func.count(Enrolment.id), at=func.min(Enrolment.offer_until))
        )
        .where(Enrolment.state == "offered")
        .group_by(Enrolment.workspace_id)
    )
    wishes = (
        select(
            *_row("wishes", client=ProgrammeWish.workspace_id, number=func.count(ProgrammeWish.id), at=func.min(ProgrammeWish.at))
        )
        .where(ProgrammeWish.state == "open")
        .group_by(ProgrammeWish.workspace_id)
    )
    card = func.jsonb_build_object("name", StaffCard.name, "email", StaffCard.email, "phone", StaffCard.phone)
    advisor = (
        select(*_row("advisor", subject=StaffCard.id, title=card))
        .join(Workspace, (Workspace.firm_id == StaffCard.firm_id) & (Workspace.advisor_id == StaffCard.id))
        .where(Workspace.id == own)
    )
    pieces = [
        of_own_people(offered),
        within(wishes.join(ProgrammeWish.member)),
        within(_refused_addresses()),
        advisor,
        within(_corrections()),
    ]
    if may("hr", "owner"):
        pieces.append(within(_erasures()))
    if perimeter() is None:
        pieces.append(_without_names(SOON))
    rows = db.session.execute(union_all(*pieces)).all()
    found = next((Contact(row.subject, **row.title) for row in rows if row.kind == "advisor"), None)
    order = list(KINDS)
    todo = sorted((row for row in rows if row.kind != "advisor"), key=lambda row: (order.index(row.kind), row.at or now()))
    return [_todo(row, {own: g.viewer.workspace}) for row in todo], found
