"""Writes of offers: what is in a client's catalogue, at what price, from when until when. In firm scope."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from saas.catalogue.commands import versions
from saas.catalogue.models import Offer, Programme, ProgrammeVersion
from saas.catalogue.texts import both_filled
from saas.kit import journal
from saas.kit.clock import now
from saas.kit.errors import Refused
from tenants.db import db, new_id


@dataclass(frozen=True, slots=True)
class Terms:
    """What a client is offered: cents excl. VAT per seat or per group, first and last day, an adapted title."""

    price_cents: int
    basis: str = "seat"
    starts_on: dt.date | None = None
    until_on: dt.date | None = None
    title: dict[str, str] = field(default_factory=dict)


def offer(version: ProgrammeVersion, workspace_id: UUID, price_cents: int, basis: str) -> Offer:
    """Put a programme in a client's catalogue, or change its price there. See offer_to."""
    return offer_to(version, [workspace_id], Terms(price_cents, basis))[0]


def offer_to(version: ProgrammeVersion, workspace_ids: list[UUID], terms: Terms) -> list[Offer]:
    """Put a version in the catalogue of several clients at once, or change what they are offered. Raises Refused.

    Only what is published is offered; a tailored programme to its one client only, which the database holds too.
    """
    _check(terms)
    programme = versions.locked(version)
    if programme.state != "published" or version.published_at is None:
        raise Refused(_l("Publish the programme first: a draft or a retired programme is offered to nobody."))
    if programme.visibility == "tailored" and set(workspace_ids) != {programme.tailored_for}:
        raise Refused(_l("This programme is made for one client: it is offered to nobody else."), "clients")
    known = {
        row.workspace_id: row
        for row in db.session.scalars(
            select(Offer).where(Offer.programme_id == programme.id, Offer.workspace_id.in_(workspace_ids)).with_for_update()
        )
    }
    made = []
    for workspace_id in workspace_ids:
        row = known.get(workspace_id)
        if row is None:
            row = Offer(id=new_id(), programme_id=programme.id, workspace_id=workspace_id)
            db.session.add(row)
        row.version_id, row.ended_at = version.id, None
        _set(row, terms)
        made.append(row)
    journal.note("offer.made", version.title.get("fr") or version.title.get("en", ""), version.id, clients=len(made),
                 price_cents=terms.price_cents)  # fmt: skip
    db.session.flush()
    return made


def _check(terms: Terms) -> None:
    if terms.starts_on and terms.until_on and terms.until_on < terms.starts_on:
        raise Refused(_l("The last day comes before the first."), "until_on")
    if terms.basis not in ("seat", "group"):
        raise Refused(_l("A price is per seat or per group."), "basis")


def _set(row: Offer, terms: Terms) -> None:
    row.price_cents, row.basis, row.title = terms.price_cents, terms.basis, both_filled(terms.title)
    row.starts_on, row.until_on = terms.starts_on, terms.until_on


def _locked(row: Offer) -> Offer:
    """The offer as it is now, held until the end of the transaction."""
    held = select(Offer).where(Offer.workspace_id == row.workspace_id, Offer.id == row.id).with_for_update(of=Offer)
    return db.session.scalars(held.execution_options(populate_existing=True)).one()


def change(row: Offer, terms: Terms) -> None:
    """Change the price, dates or title of an offer; enrolments made keep theirs. Raises Refused when it is ended."""
    _check(terms)
    if _locked(row).ended_at is not None:
        raise Refused(_l("This offer has ended: offer the programme again."))
    _set(row, terms)
    journal.note("offer.changed", row.version.title.get("fr", ""), row.id, price_cents=terms.price_cents)
    db.session.flush()


def end(row: Offer) -> None:
    """Take a programme out of a client's catalogue. Sessions that are open to it stay. Done twice, it stays ended."""
    if _locked(row).ended_at is None:
        row.ended_at = now()
        journal.note("offer.ended", row.version.title.get("fr", ""), row.id)
        db.session.flush()


def renew(row: Offer) -> ProgrammeVersion:
    """Move an offer to the version in force; price, dates and title stay. Raises Refused when the programme is off sale."""
    _locked(row)
    current = db.session.scalar(
        select(ProgrammeVersion)
        .join(ProgrammeVersion.programme)
        .where(ProgrammeVersion.programme_id == row.programme_id, ProgrammeVersion.is_current, Programme.state == "published")
    )
    if current is None:
        raise Refused(_l("This programme is retired: bring it back first."))
    if row.ended_at is not None:
        raise Refused(_l("This offer has ended: offer the programme again."))
    if row.version_id != current.id:
        row.version_id = current.id
        journal.note("offer.renewed", current.title.get("fr") or current.title.get("en", ""), row.id, number=current.number)
        db.session.flush()
    return current
