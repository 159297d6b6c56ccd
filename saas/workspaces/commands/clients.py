"""Writes about client companies: open one, change how it looks and speaks, archive it, restore it, pin it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_ngettext
from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert as upsert

from saas.identity.commands.inviting import withdraw_invitations
from saas.identity.commands.people import look_after
from saas.identity.models import Invitation, StaffPin
from saas.kit import branding, journal
from saas.kit.clock import now
from saas.kit.errors import Refused
from saas.kit.names import fold, slugify
from saas.workspaces import logos, numbers
from saas.workspaces.commands.hr import first_hr
from saas.workspaces.commands.parties import add_billing_party
from saas.workspaces.signals import seats_to_come
from tenants.db import db, new_id
from tenants.models import Workspace
from tenants.scope import current_scope

RESERVED = {"new"}
USUAL_COLOUR = "#066584"


@dataclass(frozen=True, slots=True)
class NewClient:
    """What is typed to open a client: its space, who is invoiced, and perhaps its first HR contact (three texts)."""

    name: str
    language: str
    colour: str
    city: str = ""
    trade: str = ""
    siren: str = ""
    logo: bytes = b""
    party: Mapping[str, str] = field(default_factory=dict)
    hr: tuple[str, str, str] | None = None


def open_client(once: UUID, new: NewClient, invited_by: str) -> Workspace:
    """Firm scope: open a space with its first billing party and HR contact. Raises Refused.

    `once` is the form's own id, and the space's: the same form sent again leads to the same space.
    """
    one_at_a_time()
    known = db.session.scalar(select(Workspace).where(Workspace.id == once))
    if known is not None:
        return known
    party = dict(new.party)
    own = party.pop("name", "") or new.name
    is_itself = fold(own) == fold(new.name)
    siren = numbers.siren(new.siren)
    siret = numbers.siret(party.pop("siret", ""), siren if is_itself else "")
    siren = siren or (siret[:9] if is_itself else "")
    _must_be_new(new.name, siren)
    workspace = create_workspace(
        new.name, language=new.language, colour=new.colour, city=new.city, trade=new.trade, siren=siren, workspace_id=once
    )
    workspace.logo = logos.keep(new.logo) if new.logo else ""
    add_billing_party(workspace.id, name=own, siret=siret, is_default=True, siren=siren if is_itself else "", **party)
    if new.hr:
        first_hr(workspace, *new.hr, invited_by)
    return workspace


def one_at_a_time() -> None:
    """Clients of one firm are opened one after the other: two at once would take the same address."""
    key = f"clients:{current_scope().firm_id}"
    db.session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": key})


def _must_be_new(name: str, siren: str) -> None:
    """A client is told from the others by its SIREN, else by its name."""
    same = Workspace.siren == siren if siren else (Workspace.name_folded == fold(name)) & (Workspace.siren == "")
    known = db.session.scalars(select(Workspace).where(same).limit(1)).first()
    if known is None:
        return
    if known.state == "archived":
        raise Refused(
            _l("%(name)s is this company, archived: restore it instead.", name=known.name), "siren" if siren else "name"
        )
    if siren:
        raise Refused(_l("%(name)s has this SIREN already.", name=known.name), "siren")
    raise Refused(_l("There is a client of this name already. Give the SIREN to tell them apart."), "name")


def create_workspace(
    name: str, *, language: str, colour: str, city: str = "", trade: str = "", siren: str = "", workspace_id: UUID | None = None
) -> Workspace:
    """Firm scope: a client company's space alone. Raises Refused when the name or the colour cannot be used."""
    workspace = Workspace(
        id=workspace_id or new_id(),
        slug=_free_slug(slugify(name)),
        name=name.strip(),
        language=language,
        colour=checked_colour(colour),
        city=city.strip(),
        trade=trade.strip(),
        siren=siren,
    )
    db.session.add(workspace)
    db.session.flush()
    look_after(workspace.id)
    journal.note("workspace.created", workspace.name, workspace.id)
    return workspace


def _free_slug(wanted: str) -> str:
    # The table: the slugs of clients that whoever acts does not look after are taken all the same.
    slug = Workspace.__table__.c.slug
    taken = set(db.session.execute(select(slug).where(slug.startswith(wanted))).scalars()) if wanted else set()
    return free_slug(wanted, taken)


def free_slug(wanted: str, taken: set[str]) -> str:
    """An address that nobody has, for one that is wanted. Raises Refused when it has no letter."""
    if not wanted:
        raise Refused(_l("Enter a name with letters or digits."), "name")
    if wanted not in taken | RESERVED:
        return wanted
    return next(f"{wanted[:44]}-{n}" for n in range(2, 10_000) if f"{wanted[:44]}-{n}" not in taken)


def checked_colour(colour: str) -> str:
    """A brand colour as #rrggbb. Raises Refused."""
    try:
        branding.guard(colour)
    except ValueError:
        raise Refused(_l("Enter a colour such as #0057b8."), "colour") from None
    return colour.lower()


def brand(
    workspace: Workspace, *, name: str, colour: str, language: str, city: str, trade: str, siren: str,
    logo: bytes = b"", no_logo: bool = False,
) -> None:  # fmt: skip
    """Workspace scope: change how a client's space looks and speaks, and what is known of the company. Raises Refused."""
    workspace.siren = numbers.siren(siren)
    if logo:
        workspace.logo = logos.keep(logo)
    elif no_logo:
        workspace.logo = ""
    workspace.name, workspace.colour, workspace.language = name.strip(), checked_colour(colour), language
    workspace.city, workspace.trade = city.strip(), trade.strip()
    journal.note("workspace.branded", workspace.name, workspace.id, colour=workspace.colour)
    db.session.flush()


def archive(workspace: Workspace) -> None:
    """Workspace scope: close a client's space to its members; staff may still read it. Raises Refused while seats are to come."""
    if workspace.state == "archived":
        return
    held = sum(number for _, number in seats_to_come.send(db, workspace_id=workspace.id))
    if held:
        raise Refused(
            lazy_ngettext(
                "%(num)s person has a seat, or waits for one, in a session to come: withdraw them, or wait until it is over.",
                "%(num)s people have a seat, or wait for one, in sessions to come: withdraw them, or wait until these are over.",
                held,
            )
        )
    workspace.state, workspace.archived_at = "archived", now()
    withdraw_invitations(Invitation.workspace_id == workspace.id)
    journal.note("workspace.archived", workspace.name, workspace.id)


def restore(workspace: Workspace) -> None:
    """Workspace scope: open an archived client's space again, as it was."""
    if workspace.state != "archived":
        return
    workspace.state, workspace.archived_at = "active", None
    journal.note("workspace.restored", workspace.name, workspace.id)


def pin(staff_id: UUID, workspace: Workspace, *, wanted: bool) -> None:
    """Firm scope: keep a client at hand in a staff person's rail, or no longer. Twice is once."""
    values = {"id": new_id(), "staff_id": staff_id, "workspace_id": workspace.id}
    if wanted:
        db.session.execute(upsert(StaffPin).values(**values).on_conflict_do_nothing())
    else:
        db.session.execute(delete(StaffPin).where(StaffPin.staff_id == staff_id, StaffPin.workspace_id == workspace.id))
