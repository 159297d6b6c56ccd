"""Acts on many people: shown first with their number and what follows, then done. For HR, and staff acting for them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf import FlaskForm
from markupsafe import Markup
from sqlalchemy import Select
from werkzeug.wrappers import Response

from saas.identity.models import Member
from saas.kit.access import open_to
from saas.kit.clock import today
from saas.kit.errors import Refused
from saas.kit.ids import posted_ids
from saas.kit.tables import count
from saas.workspaces.commands import bulk as changing
from saas.workspaces.commands import inviting, leaving
from saas.workspaces.forms.people import ChangeForm, InviteForm, LeaveForm
from saas.workspaces.queries import history
from saas.workspaces.queries import people as queries
from saas.workspaces.queries.people import Wanted
from saas.workspaces.routes.people import WHO, bp, workbook
from tenants.db import db

MOST = 20_000
NAMED = 12
FORMS = {"invite": InviteForm, "change": ChangeForm, "leave": LeaveForm}
Who = Select[Member]


def _chosen() -> tuple[Who, Wanted, list[UUID] | None]:
    """Who is meant: those ticked, or all who fit the filters. Raises Refused for nobody and for too many."""
    wanted = Wanted.of({name.removeprefix("at-"): said for name, said in request.form.items() if name.startswith("at-")})
    ids = None if "whole" in request.form else posted_ids("member", MOST)
    if ids == []:
        raise Refused(_l("Choose at least one person."))
    who = queries.chosen(ids, wanted)
    if count(who) > MOST:
        raise Refused(_l("More than 20,000 people at once: narrow the list first."))
    return who, wanted, ids


@bp.post("/selected/invite")
@open_to(*WHO)
def invite_chosen(workspace: str) -> Response | str | tuple[str, int]:
    return _act(workspace, "invite")


@bp.post("/selected/change")
@open_to(*WHO)
def change_chosen(workspace: str) -> Response | str | tuple[str, int]:
    return _act(workspace, "change")


@bp.post("/selected/leave")
@open_to(*WHO)
def leave_chosen(workspace: str) -> Response | str | tuple[str, int]:
    return _act(workspace, "leave")


def _act(workspace: str, act: str) -> Response | str | tuple[str, int]:
    """Without `go`: what would happen, to how many. With it: done, if it is still as it was shown."""
    who, wanted, ids = _chosen()
    form = _form(act)
    here = count(who.where(Member.left_at.is_(None)))
    going = "go" in request.form
    if going and form.validate() and request.form.get("number", type=int) == here:
        try:
            flash(_done(act, form, who), "ok")
            return redirect(f"{url_for('people.index', workspace=workspace)}?{urlencode(wanted.args())}", 303)
        except Refused as no:
            getattr(form, no.field or "left_on").errors = [no.message]
    page = _review(act, form, who, wanted, ids, here, going)
    return (page, 422) if going else page


def _form(act: str) -> FlaskForm:
    # The first post comes from the list, whose fields are the list's own.
    given: dict[str, Any] = {} if "go" in request.form else {"formdata": None}
    return FORMS[act](prefix="to-", data={"left_on": today()}, **given)


def _review(act: str, form: FlaskForm, who: Who, wanted: Wanted, ids: list[UUID] | None, here: int, again: bool) -> str:
    departments, sites = queries.people_filters() if act == "change" else ([], [])
    reckoning = inviting.reckon(who) if act == "invite" else None
    concerned = who.where(Member.left_at.is_(None))
    if reckoning:
        concerned = concerned.where(Member.account_id.is_(None), Member.email_norm.is_not(None))
    people = db.session.scalars(concerned.limit(NAMED)).all()
    return render_template(
        f"workspaces/bulk_{act}.html", act=act, form=form, people=people, here=here, wanted=wanted, ids=ids, again=again,
        departments=departments, sites=sites, reckoning=reckoning, who=who,
        number=reckoning.sent + reckoning.recent if reckoning else here,
    )  # fmt: skip


def _done(act: str, form: FlaskForm, who: Who) -> str:
    """Do it; returns what to tell."""
    if act == "invite":
        sent = inviting.invite_all(who, g.viewer.name, again=form.again.data)
        return _sent(sent)
    if act == "leave":
        number = leaving.leave_all(who, form.left_on.data)
        return str(ngettext("%(num)s person is marked as gone.", "%(num)s people are marked as gone.", number))
    said = {name: getattr(form, name).data or "" for name in changing.CHANGEABLE}
    number = changing.change_all(who, said)
    if not number:
        return str(_("They had this already: nothing was changed."))
    return Markup(render_template("workspaces/_changed_toast.html", number=number, undoable=history.undoable()))  # noqa: S704


def _sent(number: int) -> str:
    if not number:
        return str(_("Nothing new has left: everybody was invited within a day, has joined or has no address."))
    return str(ngettext("%(num)s invitation is on its way.", "%(num)s invitations are on their way.", number))


@bp.post("/changes/<uuid:change_id>/undo")
@open_to(*WHO)
def undo(workspace: str, change_id: UUID) -> Response:
    """Put back what people had before a change of one's own, within ten minutes."""
    number = changing.undo(history.change(change_id))
    flash(ngettext("Undone: %(num)s person is as before.", "Undone: %(num)s people are as before.", number), "ok")
    return redirect(url_for("people.index", workspace=workspace), 303)


@bp.post("/people.xlsx")
@open_to(*WHO)
def export_chosen(workspace: str) -> Response:
    """The people chosen, as a workbook."""
    return workbook(_chosen()[0])
