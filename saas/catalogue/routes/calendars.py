"""Sessions by month and by week: the firm's, and those that a client may use."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, render_template, request, url_for

from saas.catalogue.queries import agendas
from saas.catalogue.queries import sessions as queries
from saas.catalogue.routes.sessions import STATES, filters, only_own, wanted
from saas.kit.access import DESK, MEMBERS, STAFF, open_to
from saas.kit.clock import today

bp = Blueprint("calendars", __name__, template_folder="../templates")
PER_DAY = {"month": 5, "week": 40}


def span() -> tuple[str, dt.date, dt.date, dt.date]:
    """(view, the day asked for, first and last day shown): whole weeks, from Monday."""
    view = "week" if request.args.get("view") == "week" else "month"
    try:
        on = dt.date.fromisoformat(request.args.get("on", ""))
    except ValueError:
        on = today()
    on = min(max(on, dt.date(2000, 1, 1)), dt.date(2100, 1, 1))
    first = on if view == "week" else on.replace(day=1)
    last = on if view == "week" else queries.next_month(on) - dt.timedelta(days=1)
    return view, on, first - dt.timedelta(days=first.weekday()), last + dt.timedelta(days=6 - last.weekday())


def steps(view: str, on: dt.date) -> dict[str, dt.date]:
    """Where the links of a calendar lead: before, after, now."""
    week = dt.timedelta(days=7)
    before = on - week if view == "week" else (on.replace(day=1) - dt.timedelta(days=1)).replace(day=1)
    return {"before": before, "after": on + week if view == "week" else queries.next_month(on), "now": today()}


def shown(endpoint: str, **values: Any) -> dict[str, Any]:
    """What both calendars' templates need, with this calendar's own address."""
    view, on, first, last = span()
    kept = {name: value for name, value in request.args.items() if name not in ("view", "on")}

    def address(**wanted: Any) -> str:
        return url_for(endpoint, **values, **{**kept, "view": view, "on": on, **wanted})

    weeks = [[first + dt.timedelta(days=7 * n + d) for d in range(7)] for n in range(((last - first).days + 1) // 7)]
    return {"view": view, "on": on, "weeks": weeks, "steps": steps(view, on), "address": address, "today": today()}


@bp.get("/sessions/calendar")
@open_to(*STAFF)
def show() -> str:
    view, _on, first, last = span()
    asked = wanted()
    days = agendas.of_firm(first, last, PER_DAY[view], asked, only_own())
    return render_template(
        "catalogue/calendar.html", span=days, wanted=asked, states=STATES, **filters(), **shown("calendars.show")
    )


@bp.get("/w/<workspace>/sessions/calendar")
@open_to(*MEMBERS, *DESK)
def client(workspace: str) -> str:
    view, _on, first, last = span()
    days = agendas.of_client(first, last, PER_DAY[view])
    ids = {found.session.id for found_of_day in days.days.values() for found in found_of_day}
    return render_template(
        "catalogue/client_calendar.html", span=days, words=queries.availability(list(ids)),
        **shown("calendars.client", workspace=workspace),
    )  # fmt: skip
