"""What a mail computes: dates, place, changes, contacts. In the language in force; never part of an adapted text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from saas.catalogue import calendars
from saas.catalogue.models import Slot, TrainingSession
from saas.enrolments.letters.models import LetterSettings
from saas.enrolments.models import Enrolment
from saas.kit import formats
from saas.kit.clock import PARIS
from saas.kit.i18n import pick
from saas.workspaces.models import FirmProfile
from tenants.db import db

OUT = ("withdrawn", "cancelled", "substituted_out", "given_back", "trainer_cancelled", "lapsed")


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and what stands under it, line by line."""

    label: str
    lines: Sequence[str]


def settings() -> LetterSettings:
    """Firm or workspace scope: when the firm convokes, and whom one may ask; the usual while it has said nothing."""
    return db.session.scalars(select(LetterSettings)).first() or LetterSettings(
        convocation_days=7, contact="", access_contact="", to_bring={}
    )


def where(session: TrainingSession) -> str:
    """The place of a session, then those of half-days that have one of their own."""
    own = [(slot.venue, slot.address) for slot in session.slots if slot.venue]
    places = (", ".join(part for part in place if part) for place in [(session.venue, session.address), *own])
    return "; ".join(dict.fromkeys(place for place in places if place))


def as_told(session: TrainingSession) -> dict[str, Any]:
    """What somebody knows of a session once a mail has said it; two of these are compared to see what has changed."""
    days = [
        [entry.starts_at.astimezone(dt.UTC).isoformat(), entry.ends_at.astimezone(dt.UTC).isoformat(), entry.number]
        for entry in calendars.entries(session, "", 0, "")
    ]
    return {
        "days": days,
        "place": where(session),
        "video": session.video_url,
        "trainers": sorted(trainer.card.name for trainer in session.trainers),
    }


def changed(before: dict[str, Any], now: dict[str, Any], *, names: bool) -> set[str]:
    """What differs: days, place, video, and trainers when `names` of them were told."""
    parts = ("days", "place", "video", *(("trainers",) if names else ()))
    return {part for part in parts if before.get(part) != now.get(part)}


def day_line(start: dt.datetime, end: dt.datetime, zone: str = "") -> str:
    """Mardi 24 novembre 2026, 9:00 – 12:30; with the zone when it is not that of Paris."""
    said = f"{formats.day_long(start, zone)}, {formats.hours(start, end, zone)}"
    return f"{said} ({formats.zone_name(zone)})" if zone and zone != PARIS.key else said


def _slot_line(session: TrainingSession, slot: Slot) -> str:
    said = day_line(slot.starts_at, slot.ends_at, session.time_zone)
    return f"{said}, {calendars.place_line(session, slot)}" if slot.venue else said


def when_and_where(session: TrainingSession, code: str, *, video: bool) -> list[Fact]:
    """The half-days and the place; the way there only for whoever is going."""
    facts = [Fact(_("When"), [_slot_line(session, slot) for slot in session.slots])]
    if session.venue:
        facts.append(Fact(_("Where"), [session.venue, *([session.address] if session.address else [])]))
        if session.access and code not in OUT:
            facts.append(Fact(_("How to get there"), session.access.splitlines()))
    if session.video_url and video:
        facts.append(Fact(_("By video"), [_("The link is on your page.")]))
    return facts


def dates_line(session: TrainingSession) -> str:
    """The days of a session in one line."""
    days = dict.fromkeys(slot.starts_at.astimezone(PARIS).date() for slot in session.slots)
    return ", ".join(formats.day_long(day) for day in days)


def of_change(before: dict[str, Any], parts: set[str]) -> list[Fact]:
    """What has changed since somebody was told, in words, and how it was."""
    said = {
        "days": _("the dates or the hours"), "place": _("the place"), "video": _("the video link"), "trainers": _("who leads it"),
    }  # fmt: skip
    facts = [Fact(_("What changes"), [", ".join(text for part, text in said.items() if part in parts)])]
    earlier: list[str] = []
    if "days" in parts:
        earlier += [day_line(dt.datetime.fromisoformat(a), dt.datetime.fromisoformat(b)) for a, b, *_n in before.get("days", [])]
    if "place" in parts and before.get("place"):
        earlier.append(before["place"])
    return [*facts, Fact(_("Before"), earlier)] if earlier else facts


Asked = tuple[LetterSettings, FirmProfile | None]


def asked() -> Asked:
    """Firm or workspace scope: what the firm says of its convocations and of itself."""
    return settings(), db.session.scalars(select(FirmProfile)).first()


def of_convocation(session: TrainingSession, known: Asked | None = None) -> list[Fact]:
    """What only the convocation says: who leads it, what to bring, whom to ask."""
    said, profile = known or asked()
    facts = []
    if session.trainers:
        facts.append(Fact(_("With"), [", ".join(sorted(trainer.card.name for trainer in session.trainers))]))
    if bring := pick(session.version.texts.get("bring") or {}) or pick(said.to_bring):
        facts.append(Fact(_("What to bring"), str(bring).splitlines()))
    own = ", ".join(part for part in (profile.phone, profile.email) if part) if profile else ""
    if contact := said.contact or own:
        facts.append(Fact(_("A question?"), contact.splitlines()))
    if said.access_contact:
        facts.append(Fact(_("Accessibility and disability"), said.access_contact.splitlines()))
    return facts


def of_ending(row: Enrolment, code: str) -> list[Fact]:
    """What goes with an answer or an ending: the deadline of an offer, a fee, a reason."""
    facts = []
    if code == "offered" and row.offer_until:
        facts.append(Fact(_("Kept for you until"), [formats.moment(row.offer_until)]))
    if code == "refused" and row.reason:
        facts.append(Fact(_("Reason"), row.reason.splitlines()))
    if code in ("withdrawn", "given_back") and row.fee_cents:
        facts.append(Fact(_("Fee"), [_("%(fee)s excl. VAT, from the cancellation terms.", fee=formats.money(row.fee_cents))]))
    if code == "given_back" and row.reason:
        facts.append(Fact(_("Reason"), row.reason.splitlines()))
    return facts
