"""A client's year: what was meant to be spent, what is committed and delivered, what is left. For HR of all, and the firm."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from saas.enrolments.commands import budgets as commands
from saas.enrolments.forms import BudgetForm
from saas.enrolments.queries import credits, figures
from saas.kit.access import DESK, HR_OF_ALL, open_to
from saas.kit.clock import today
from saas.kit.errors import Refused
from tenants.db import db

bp = Blueprint("budgets", __name__, template_folder="../templates", url_prefix="/w/<workspace>/budget")


@bp.get("")
@open_to(HR_OF_ALL, *DESK)
def show(workspace: str) -> str:
    return _page(_year())


def _year() -> int:
    """The year asked for; this one without a sensible one."""
    asked = request.values.get("year", today().year, type=int)
    return asked if 2000 <= asked <= 2200 else today().year


def _page(number: int, form: BudgetForm | None = None) -> str:
    year = figures.year(number)
    form = form or BudgetForm(formdata=None, amount=year.amount)
    return render_template(
        "enrolments/budget.html",
        year=year,
        form=form,
        departments=figures.by_department(number),
        credits=credits.balance(g.viewer.workspace_id),
    )


@bp.post("")
@open_to(HR_OF_ALL, "owner", "advisor")
def save(workspace: str) -> Response | tuple[str, int]:
    form, number = BudgetForm(), _year()
    if form.validate():
        try:
            commands.set_budget(g.viewer.workspace_id, number, form.amount.data)
            flash(_("Saved."), "ok")
            return redirect(url_for("budgets.show", workspace=workspace, year=number), 303)
        except Refused as no:
            db.session.rollback()
            form.amount.errors = [no.message]
    return _page(number, form), 422
