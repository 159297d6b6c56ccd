"""What a firm teaches (programme, version), to whom it offers it (offer), and when it gives it (session, slot, link)."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, event, func, text
from sqlalchemy.orm import Mapped, mapped_column

from saas.identity.models import StaffCard
from saas.kit.names import fold
from tenants.db import FirmOwned, Model, WorkspaceOwned, fk, to_many, to_one, workspace_fk

LIVE = "state IN ('open', 'confirmed', 'running')"


class Programme(FirmOwned, Model):
    """A training programme: what stays the same from version to version.

    `slug` is its public address, kept for good; `searched` its reference as lists search it.
    """

    reference: Mapped[str]
    slug: Mapped[str]
    searched: Mapped[str] = mapped_column(default="", server_default="")
    state: Mapped[str] = mapped_column(default="draft", server_default="draft")
    visibility: Mapped[str] = mapped_column(default="offered", server_default="offered")
    tailored_for: Mapped[UUID | None] = mapped_column(comment="the only workspace it may be offered to")
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    versions: Mapped[list[ProgrammeVersion]] = to_many(
        "programme_id", back_populates="programme", order_by="ProgrammeVersion.number"
    )

    __table_args__ = (
        ForeignKeyConstraint(["firm_id"], ["firm.id"]),
        fk("workspace", "tailored_for", "firm"),
        UniqueConstraint("firm_id", "reference"),
        UniqueConstraint("firm_id", "slug"),
        CheckConstraint("state IN ('draft', 'published', 'retired')", name="state"),
        CheckConstraint("visibility IN ('public', 'offered', 'tailored')", name="visibility"),
        CheckConstraint("(visibility = 'tailored') = (tailored_for IS NOT NULL)", name="tailored"),
    )


class ProgrammeVersion(FirmOwned, Model):
    """A dated wording and price of a programme. Sessions and offers keep theirs.

    `title` is {"fr", "en"}; `texts` maps each name of saas.catalogue.texts to the same, objectives to a list of such
    values and modules to a list of {"title", "content"}. One version of a programme is the newest (perhaps a draft), one at
    most is current (the last one published). `revision` grows with each save, so that two editors hear of each other.
    """

    programme_id: Mapped[UUID]
    number: Mapped[int]
    title: Mapped[dict[str, Any]]
    texts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    minutes: Mapped[int]
    days: Mapped[int] = mapped_column(comment="half-days")
    modality: Mapped[str]
    min_group: Mapped[int]
    max_group: Mapped[int]
    price_seat_cents: Mapped[int] = mapped_column(BigInteger)
    price_group_cents: Mapped[int] = mapped_column(BigInteger)
    vat: Mapped[str] = mapped_column(default="exempt", server_default="exempt")
    nsf_code: Mapped[str] = mapped_column(default="", server_default="")
    bpf_class: Mapped[str] = mapped_column(default="", server_default="")
    languages: Mapped[list[Any]] = mapped_column(
        default=lambda: ["fr"], server_default=text("'[\"fr\"]'::jsonb"), comment="it is given in"
    )
    searched: Mapped[str] = mapped_column(default="", server_default="", comment="titles and summaries, folded")
    is_newest: Mapped[bool] = mapped_column(default=True, server_default="false")
    is_current: Mapped[bool] = mapped_column(default=False, server_default="false")
    revision: Mapped[int] = mapped_column(default=1, server_default="1")
    edited_by: Mapped[str] = mapped_column(default="", server_default="")
    edited_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    published_by: Mapped[str] = mapped_column(default="", server_default="")
    published_at: Mapped[dt.datetime | None]

    programme: Mapped[Programme] = to_one("programme_id", back_populates="versions")

    __table_args__ = (
        fk("programme", "programme_id", "firm"),
        UniqueConstraint("firm_id", "programme_id", "number"),
        UniqueConstraint("firm_id", "programme_id", "id"),
        Index("uq_programme_version_newest", "firm_id", "programme_id", unique=True, postgresql_where=text("is_newest")),
        Index("uq_programme_version_current", "firm_id", "programme_id", unique=True, postgresql_where=text("is_current")),
        CheckConstraint("modality IN ('onsite', 'remote', 'blended')", name="modality"),
        CheckConstraint("vat IN ('exempt', 'standard')", name="vat"),
        CheckConstraint("min_group BETWEEN 1 AND max_group", name="group"),
    )


@event.listens_for(Programme, "before_insert")
@event.listens_for(Programme, "before_update")
def _folded_reference(_mapper: Any, _connection: Any, programme: Programme) -> None:
    programme.searched = fold(programme.reference)


@event.listens_for(ProgrammeVersion, "before_insert")
@event.listens_for(ProgrammeVersion, "before_update")
def _folded_texts(_mapper: Any, _connection: Any, version: ProgrammeVersion) -> None:
    """A programme is found by its titles and summaries in both languages, without accents."""
    said = (texts.get(code, "") for texts in (version.title, version.texts.get("summary", {})) for code in ("fr", "en"))
    version.searched = fold(" ".join(said))


class Offer(WorkspaceOwned, Model):
    """This programme is in this client's catalogue, at this price, from a day until a day. Written by the firm only.

    One row per client and programme; it names the version that the client was offered. `title` may adapt the
    programme's title for this client, {"fr", "en"}.
    """

    programme_id: Mapped[UUID]
    version_id: Mapped[UUID]
    title: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'::jsonb"))
    starts_on: Mapped[dt.date | None]
    until_on: Mapped[dt.date | None]
    price_cents: Mapped[int] = mapped_column(BigInteger)
    basis: Mapped[str] = mapped_column(default="seat", server_default="seat")
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    ended_at: Mapped[dt.datetime | None]

    version: Mapped[ProgrammeVersion] = to_one("version_id")

    __table_args__ = (
        workspace_fk(),
        ForeignKeyConstraint(
            ["firm_id", "programme_id", "version_id"],
            ["programme_version.firm_id", "programme_version.programme_id", "programme_version.id"],
        ),
        UniqueConstraint("firm_id", "workspace_id", "programme_id"),
        Index(None, "firm_id", "programme_id"),
        CheckConstraint("until_on >= starts_on", name="dates"),
        CheckConstraint("basis IN ('seat', 'group')", name="basis"),
        CheckConstraint("price_cents >= 0", name="price"),
    )


class Venue(FirmOwned, Model):
    """A place that the firm teaches in, chosen from a list when a session is planned."""

    name: Mapped[str]
    address: Mapped[str] = mapped_column(default="", server_default="")
    access: Mapped[str] = mapped_column(default="", server_default="")
    accessibility: Mapped[str] = mapped_column(default="", server_default="")
    ended_at: Mapped[dt.datetime | None]

    rooms: Mapped[list[Room]] = to_many("venue_id", back_populates="venue", order_by="Room.name")

    __table_args__ = (
        ForeignKeyConstraint(["firm_id"], ["firm.id"]),
        UniqueConstraint("firm_id", "name"),
    )


class Room(FirmOwned, Model):
    """A room of a venue: what two sessions cannot have at the same time."""

    venue_id: Mapped[UUID]
    name: Mapped[str]
    seats: Mapped[int]
    ended_at: Mapped[dt.datetime | None]

    venue: Mapped[Venue] = to_one("venue_id", back_populates="rooms")

    __table_args__ = (
        fk("venue", "venue_id", "firm"),
        UniqueConstraint("firm_id", "venue_id", "name"),
        CheckConstraint("seats BETWEEN 1 AND 1000", name="seats"),
    )


class TrainingSession(FirmOwned, Model):
    """A dated delivery of one version: the facts that every linked client may read."""

    version_id: Mapped[UUID]
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(default="draft", server_default="draft")
    language: Mapped[str] = mapped_column(default="fr", server_default="fr")
    is_public: Mapped[bool] = mapped_column(default=False, server_default="false", comment="shown in the public catalogue")
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime]
    time_zone: Mapped[str] = mapped_column(default="Europe/Paris", server_default="Europe/Paris")
    venue: Mapped[str] = mapped_column(default="", server_default="")
    address: Mapped[str] = mapped_column(default="", server_default="")
    access: Mapped[str] = mapped_column(default="", server_default="")
    video_url: Mapped[str] = mapped_column(default="", server_default="")
    accessibility: Mapped[str] = mapped_column(default="", server_default="")
    room_id: Mapped[UUID | None]
    sequence: Mapped[int] = mapped_column(default=0, server_default="0", comment="RFC 5545 SEQUENCE")
    entries: Mapped[int] = mapped_column(default=0, server_default="0", comment="calendar entries ever made: see Slot.entry")
    reason: Mapped[str] = mapped_column(default="", server_default="", comment="why it was cancelled, for whoever had a seat")
    searched: Mapped[str] = mapped_column(default="", server_default="", comment="titles and place, folded")
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    changed_at: Mapped[dt.datetime] = mapped_column(server_default=func.now(), comment="what calendars show of it")

    version: Mapped[ProgrammeVersion] = to_one("version_id")
    former_days: Mapped[list[FormerDay]] = to_many("session_id")
    slots: Mapped[list[Slot]] = to_many("session_id", back_populates="session", order_by="Slot.starts_at")
    trainers: Mapped[list[SessionTrainer]] = to_many("session_id")
    links: Mapped[list[SessionLink]] = to_many("session_id", back_populates="session")
    seats: Mapped[SessionSeats] = to_one("id", viewonly=True, uselist=False)

    __table_args__ = (
        fk("programme_version", "version_id", "firm"),
        fk("room", "room_id", "firm"),
        CheckConstraint("kind IN ('intra', 'inter')", name="kind"),
        CheckConstraint("NOT is_public OR kind = 'inter'", name="public"),
        CheckConstraint("state IN ('draft', 'open', 'confirmed', 'cancelled', 'running', 'done')", name="state"),
        CheckConstraint("ends_at > starts_at", name="times"),
        Index(None, "firm_id", "starts_at"),
        Index(None, "firm_id", "version_id"),
        Index("ix_training_session_live", "firm_id", "starts_at", postgresql_where=text(LIVE)),
    )


class SessionSeats(FirmOwned, Model):
    """What only the firm reads of a session: numbers and notes. Same id as its session."""

    capacity: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0, server_default="0")
    minimum: Mapped[int] = mapped_column(default=1, server_default="1")
    decision_on: Mapped[dt.date | None]
    decider_id: Mapped[UUID | None] = mapped_column(comment="who of the staff confirms or cancels it")
    notes: Mapped[str] = mapped_column(default="", server_default="")
    cost_cents: Mapped[int] = mapped_column(
        BigInteger, default=0, server_default="0", comment="trainers, room, travel, excl. VAT"
    )

    decider: Mapped[StaffCard | None] = to_one("decider_id", viewonly=True)

    __table_args__ = (
        fk("training_session", "id", "firm", ondelete="CASCADE"),
        CheckConstraint("taken BETWEEN 0 AND capacity", name="taken"),
        CheckConstraint("capacity BETWEEN 1 AND 1000 AND minimum >= 1", name="capacity"),
        CheckConstraint("cost_cents >= 0", name="cost"),
        fk("staff_card", "decider_id", "firm"),
        Index(None, "firm_id", "decision_on"),
    )


class SessionTrainer(FirmOwned, Model):
    """Who gives a session."""

    session_id: Mapped[UUID]
    staff_id: Mapped[UUID]

    card: Mapped[StaffCard] = to_one("staff_id", viewonly=True)

    __table_args__ = (
        fk("training_session", "session_id", "firm", ondelete="CASCADE"),
        fk("staff_card", "staff_id", "firm"),
        UniqueConstraint("firm_id", "session_id", "staff_id"),
        Index(None, "firm_id", "staff_id"),
    )


class Slot(FirmOwned, Model):
    """A half-day or a timed part of a session; attendance is signed per slot.

    `entry` numbers the calendar entry of its day within the session: it moves with the day and is never given twice, so
    that a calendar follows each day whatever is added or taken away. `venue` and `video_url` are empty where the slot is at
    the session's own place; `room_id` is always the room it takes.
    """

    session_id: Mapped[UUID]
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime]
    entry: Mapped[int] = mapped_column(default=1, server_default="1")
    venue: Mapped[str] = mapped_column(default="", server_default="")
    address: Mapped[str] = mapped_column(default="", server_default="")
    video_url: Mapped[str] = mapped_column(default="", server_default="")
    room_id: Mapped[UUID | None]

    session: Mapped[TrainingSession] = to_one("session_id", back_populates="slots")

    __table_args__ = (
        fk("training_session", "session_id", "firm", ondelete="CASCADE"),
        fk("room", "room_id", "firm"),
        CheckConstraint("ends_at > starts_at", name="times"),
        Index(None, "firm_id", "session_id", "starts_at"),
        Index(None, "firm_id", "starts_at"),
        Index(None, "firm_id", "room_id", "starts_at"),
    )


class FormerDay(FirmOwned, Model):
    """A day that was taken out of a session: calendars show it cancelled for a month."""

    session_id: Mapped[UUID]
    entry: Mapped[int]
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime]
    sequence: Mapped[int]
    gone_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        fk("training_session", "session_id", "firm", ondelete="CASCADE"),
        UniqueConstraint("firm_id", "session_id", "entry"),
    )


class SessionLink(WorkspaceOwned, Model):
    """This workspace may use this session, at this price. Clients' addresses carry this row's id, never the session's."""

    session_id: Mapped[UUID]
    price_cents: Mapped[int] = mapped_column(BigInteger)
    basis: Mapped[str] = mapped_column(default="seat", server_default="seat")
    ceiling: Mapped[int | None]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    session: Mapped[TrainingSession] = to_one("session_id", back_populates="links")

    __table_args__ = (
        workspace_fk(),
        fk("training_session", "session_id", "firm"),
        UniqueConstraint("firm_id", "workspace_id", "session_id"),
        Index(None, "firm_id", "session_id"),
        CheckConstraint("basis IN ('seat', 'group')", name="basis"),
        CheckConstraint("price_cents >= 0", name="price"),
    )

    @property
    def seat_cents(self) -> int:
        """What one seat costs, excl. VAT. A group's price is for all its seats together: none costs more."""
        return self.price_cents if self.basis == "seat" else 0


class TrainerAbsence(FirmOwned, Model):
    """Days on which a trainer is not available, both included."""

    staff_id: Mapped[UUID]
    first_on: Mapped[dt.date]
    last_on: Mapped[dt.date]
    note: Mapped[str] = mapped_column(default="", server_default="")

    __table_args__ = (
        fk("staff_card", "staff_id", "firm"),
        CheckConstraint("last_on >= first_on", name="days"),
        Index(None, "firm_id", "staff_id", "first_on"),
    )


class StaffFeed(FirmOwned, Model):
    """The secret address of somebody's calendar of sessions. The token is made again from the row's id: a new one is a new row."""

    staff_id: Mapped[UUID]
    token_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    __table_args__ = (fk("staff", "staff_id", "firm", ondelete="CASCADE"), UniqueConstraint("firm_id", "staff_id"))


class MemberFeed(WorkspaceOwned, Model):
    """The secret address of a member's calendar of own seats. See StaffFeed."""

    member_id: Mapped[UUID]
    token_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        workspace_fk(),
        fk("member", "member_id", "workspace", ondelete="CASCADE"),
        UniqueConstraint("firm_id", "workspace_id", "member_id"),
    )


class ProgrammeImport(FirmOwned, Model):
    """A file of programmes on its way in: its rows, each with what would happen. draft → applied."""

    filename: Mapped[str]
    state: Mapped[str] = mapped_column(default="draft", server_default="draft")
    headers: Mapped[list[Any]] = mapped_column(default=list)
    rows: Mapped[list[Any]] = mapped_column(default=list)
    created_by: Mapped[str]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        ForeignKeyConstraint(["firm_id"], ["firm.id"]),
        CheckConstraint("state IN ('draft', 'applied')", name="state"),
    )
