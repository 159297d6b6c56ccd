"""All of a client's people in all its sessions, in one list, and acts on many at once. For HR, and staff acting for them."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.wrappers import Response

from saas.enrolments.commands import bulk as commands
from saas.enrolments.commands.terms import credit_is_lost, fee_cents
from saas.enrolments.models import Enrolment
from saas.enrolments.queries import lists as queries
from saas.enrolments.queries.lists import Sought
from saas.enrolments.words import STATES
from saas.kit.access import open_to
from saas.kit.errors import Refused
from saas.kit.ids import posted_ids
from saas.kit.shell import CLIENT, nav_entry
from saas.kit.tables import count, download, paged
from saas.workspaces.queries.people import people_filters
from tenants.db import db

bp = Blueprint("enrolments", __name__, template_folder="../templates", url_prefix="/w/<workspace>/enrolments")
WHO = ("hr", "owner", "advisor")
OF_SEATS = ("wishes", "budgets", "credits")
nav_entry(CLIENT, 35, _l("Enrolments"), "enrolments.index", "graduation-cap", *WHO, also=OF_SEATS)
MOST = 500


@bp.get("")
@open_to(*WHO)
def index(workspace: str) -> str:
    """The list; to htmx, the part of it that filters change."""
    sought = Sought.of(request.args)
    partial = request.headers.get("HX-Request") and not request.headers.get("HX-History-Restore-Request")
    shown = {
        "page": paged(queries.enrolments(sought)), "sought": sought, "counts": queries.counts(sought), "state_words": STATES,
    }  # fmt: skip
    if partial:
        return render_template("enrolments/_enrolments_list.html", **shown)
    departments, sites = people_filters()
    return render_template(
        "enrolments/enrolments.html", departments=departments, sites=sites, links=queries.sessions_to_choose(), **shown
    )


@bp.get("/enrolments.xlsx")
@open_to(*WHO)
def export(workspace: str) -> Response:
    """The enrolments that fit the filters, as a workbook."""
    words = {state: str(said) for state, said in STATES.items()}
    return download(queries.workbook(queries.enrolments(Sought.of(request.args)), words), _("enrolments"))


@bp.post("/selected/approve")
@open_to(*WHO)
def approve_chosen(workspace: str) -> Response | str:
    return _act(workspace, "approve")


@bp.post("/selected/refuse")
@open_to(*WHO)
def refuse_chosen(workspace: str) -> Response | str:
    return _act(workspace, "refuse")


@bp.post("/selected/withdraw")
@open_to(*WHO)
def withdraw_chosen(workspace: str) -> Response | str:
    return _act(workspace, "withdraw")


def _act(workspace: str, act: str) -> Response | str:
    """Without `go`: whom it concerns and what it costs. With it: done, for those it still concerns."""
    rows, sought = _chosen(act)
    if not rows:
        flash(_("Nobody among those chosen is concerned."), "error")
        return redirect(f"{url_for('enrolments.index', workspace=workspace)}?{urlencode(sought.args())}", 303)
    fees = sum(fee_cents(row) for row in rows)
    if "go" not in request.form or request.form.get("fees", 0, type=int) != fees:
        return render_template(
            "enrolments/bulk.html", act=act, rows=rows, sought=sought, fees=fees, again="go" in request.form,
            lost=sum(credit_is_lost(row) for row in rows), fee_of=fee_cents,
        )  # fmt: skip
    flash(_done(act, rows, request.form.get("reason", "").strip()[:400]), "ok")
    return redirect(f"{url_for('enrolments.index', workspace=workspace)}?{urlencode(sought.args())}", 303)


def _chosen(act: str) -> tuple[Sequence[Enrolment], Sought]:
    """Those ticked, or all that fit, as far as the act concerns them. Raises Refused for nobody and for too many."""
    sought = Sought.of({name.removeprefix("at-"): said for name, said in request.form.items() if name.startswith("at-")})
    ids = None if "whole" in request.form else posted_ids("enrolment", MOST)
    if ids == []:
        raise Refused(_l("Choose at least one person."))
    statement = commands.concerned(act, queries.chosen(ids, sought))
    if count(statement) > MOST:
        raise Refused(_l("More than 500 people at once: narrow the list first."))
    return db.session.scalars(statement).unique().all(), sought


def _done(act: str, rows: Sequence[Enrolment], reason: str) -> str:
    if act == "approve":
        seated, waiting, left = commands.approve_all(rows)
        said = [ngettext("%(num)s person has a seat.", "%(num)s people have a seat.", seated)] if seated else []
        if waiting:
            said.append(ngettext("%(num)s is on the waiting list.", "%(num)s are on the waiting list.", waiting))
        if left:
            said.append(ngettext("%(num)s could not be enrolled.", "%(num)s could not be enrolled.", left))
        return " ".join(said)
    if act == "refuse":
        number = commands.refuse_all(rows, reason)
        return str(ngettext("%(num)s request refused.", "%(num)s requests refused.", number))
    number = commands.withdraw_all(rows, reason)
    return str(ngettext("%(num)s place given back.", "%(num)s places given back.", number))
