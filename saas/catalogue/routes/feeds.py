"""A staff person's own calendar address, and the calendar behind it, which programs fetch without signing in."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from saas.catalogue.commands import feeds as commands
from saas.catalogue.queries import feeds as queries
from saas.kit import calendar
from saas.kit.access import EVERYONE, STAFF, open_to
from saas.kit.i18n import reader_in
from tenants.db import db
from tenants.resolver import link
from tenants.scope import Kind, inside

bp = Blueprint("feeds", __name__, template_folder="../templates")


@bp.get("/calendar")
@open_to(*STAFF)
def show() -> str:
    """The address itself is shown when it is asked for: it opens this person's calendar to whoever has it."""
    feed = commands.staff_feed(_own_id())
    token = commands.shown_again(feed)
    url = link(None, "feeds.sessions", token=token) if token and "show" in request.args else None
    return render_template(
        "catalogue/feed.html",
        feed=feed,
        url=url,
        can_show=token is not None,
        renew=url_for("feeds.renew"),
        stop=url_for("feeds.stop"),
    )


@bp.post("/calendar")
@open_to(*STAFF)
def renew() -> Response:
    """Make the first address, or another one."""
    commands.renew_staff(_own_id())
    flash(_("The address is ready. Give it to your calendar program, and to nobody else."), "ok")
    return redirect(url_for("feeds.show", show=1), 303)


@bp.post("/calendar/stop")
@open_to(*STAFF)
def stop() -> Response:
    commands.withdraw_staff(_own_id())
    flash(_("The address leads nowhere now."), "ok")
    return redirect(url_for("feeds.show"), 303)


@bp.get("/-/calendars/<token>/sessions.ics")
@open_to(EVERYONE, within=Kind.PLATFORM)
def sessions(token: str) -> Response:
    reader = reader_of(token)
    if reader.staff_id is None:
        abort(404)
    with inside(reader.scope), reader_in(reader.language):
        name = _("My sessions, %(firm)s", firm=reader.firm_name)
        content = calendar.ics(queries.of_staff(reader), "PUBLISH", feed=calendar.Feed(name))
    return served(content)


def _own_id() -> UUID:
    staff_id: UUID | None = g.viewer.staff_id
    return staff_id or abort(404)


def reader_of(token: str) -> queries.Reader:
    """Whose calendar a token opens. The same 404 for a token that never was, was withdrawn, or whose owner has left."""
    reader = queries.redeem(token)
    if reader is None:
        abort(404)
    db.session.commit()  # gives its connection back before the calendar's own scope takes one
    return reader


def served(content: bytes) -> Response:
    """A calendar with its tag: programs that ask again learn that nothing changed."""
    response = Response(content, mimetype="text/calendar", headers={"Cache-Control": "private, max-age=300"})
    response.headers["Content-Disposition"] = 'inline; filename="cordee.ics"'
    response.add_etag()
    return response.make_conditional(request.environ)
