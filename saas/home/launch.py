"""How far a client's launch has come. Each step is computed from what is there, never ticked by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, any_, case, exists, select

from saas.catalogue.models import Offer, SessionLink
from saas.community.models import Space
from saas.identity.models import Member
from saas.kit.access import may
from saas.workspaces.models import BillingParty
from tenants.db import db
from tenants.models import Workspace

# Clients opened long ago are not being launched any more.
NEWEST = 50
STEPS = ("look", "party", "invited", "joined", "offers", "people", "session", "space")
FOR_HR = ("offers", "people", "session", "space")


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what it is, whether it is done, and where to do it ("" where this reader cannot)."""

    label: str
    is_done: bool
    href: str


@dataclass(frozen=True, slots=True)
class Launch:
    """A client's launch, as the card shows it."""

    workspace: Workspace
    steps: tuple[Step, ...]

    @property
    def done(self) -> int:
        return sum(step.is_done for step in self.steps)

    @property
    def next(self) -> Step | None:
        """The first step that is not done."""
        return next((step for step in self.steps if not step.is_done), None)


def _conditions() -> list[ColumnElement[bool]]:
    """In the order of STEPS, of the workspace of the statement around."""

    def there_is(model: Any, *such: ColumnElement[bool]) -> ColumnElement[bool]:
        return exists(select(model.id).where(model.firm_id == Workspace.firm_id, model.workspace_id == Workspace.id, *such))

    party = (BillingParty.siret != "") & (BillingParty.street != "") & (BillingParty.postcode != "") & (BillingParty.city != "")
    here, is_hr = Member.left_at.is_(None), any_(Member.roles) == "hr"
    return [
        Workspace.logo != "",
        there_is(BillingParty, party),
        there_is(Member, here, is_hr),
        there_is(Member, here, is_hr, Member.account_id.is_not(None)),
        there_is(Offer, Offer.ended_at.is_(None)),
        there_is(Member, here, any_(Member.roles) == "participant"),
        there_is(SessionLink),
        there_is(Space),
    ]


def own() -> Launch | None:
    """Workspace scope: this client's launch, with the steps that concern the reader. None once all of them are done."""
    row = db.session.execute(select(Workspace, *_conditions())).one()
    launch = _launch(row, STEPS if may("owner", "advisor") else FOR_HR)
    return launch if launch.next else None


def of_newest() -> list[ColumnElement[Any]]:
    """The same conditions for the clients opened last, empty for the others: columns of a statement over all clients."""
    newest = select(Workspace.id).where(Workspace.state == "active").order_by(Workspace.created_at.desc()).limit(NEWEST)
    return [case((Workspace.id.in_(newest), condition)) for condition in _conditions()]


def furthest_from_done(rows: Sequence[Any]) -> Launch | None:
    """Of the clients opened last, the one whose launch has most left to do. None when all are through.

    `rows` hold a workspace, how many people and sessions it has, and what `of_newest` asks.
    """
    left = [row for row in rows if row[3] is not None and not all(row[3:])]
    if not left:
        return None
    row = min(left, key=lambda row: (sum(row[3:]), -row[0].created_at.timestamp()))
    return _launch((row[0], *row[3:]), STEPS)


def _launch(row: Any, wanted: tuple[str, ...]) -> Launch:
    done = dict(zip(STEPS, row[1:], strict=True))
    return Launch(row[0], tuple(Step(_label(code), bool(done[code]), _href(code, row[0].slug)) for code in wanted))


def _label(code: str) -> str:
    said = {
        "look": _("Colour and logo"), "party": _("Who is invoiced, with SIRET and address"), "invited": _("HR contact invited"),
        "joined": _("HR has joined"), "offers": _("Programmes offered"), "people": _("Managers imported"),
        "session": _("A session is open"), "space": _("The community is open"),
    }  # fmt: skip
    return str(said[code])


def _href(code: str, slug: str) -> str:
    """Where a step is done, by whoever reads."""
    if not may("hr", "owner", "advisor"):
        return ""
    if code == "people":
        return url_for("imports.new", workspace=slug)
    if not may("owner", "advisor"):
        pages = {"offers": "offers.index", "session": "links.index", "space": "spaces.home"}
        return url_for(pages[code], workspace=slug)
    if code in ("offers", "session"):
        return url_for("programmes.index" if code == "offers" else "sessions.create")
    if code == "space":
        return url_for("spaces.new", workspace=slug)
    anchor = {"look": "look", "party": "parties"}.get(code, "contacts")
    return url_for("clients.settings", workspace=slug, _anchor=anchor)
