"""A member's own calendar address, and the calendar of their seats behind it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from saas.catalogue import calendars
from saas.catalogue.commands import feeds as commands
from saas.catalogue.models import SessionLink, TrainingSession
from saas.catalogue.queries.feeds import MOST, PAST, Reader
from saas.catalogue.routes.feeds import reader_of, served
from saas.enrolments.models import Enrolment
from saas.kit import calendar
from saas.kit.access import EVERYONE, MEMBERS, open_to
from saas.kit.clock import now
from saas.kit.i18n import pick, reader_in
from saas.workspaces.queries.people import own_member
from tenants.db import db
from tenants.resolver import link
from tenants.scope import Kind, inside

bp = Blueprint("seat_feeds", __name__, template_folder="../templates")


@bp.get("/w/<workspace>/calendar")
@open_to(*MEMBERS)
def show(workspace: str) -> str:
    feed = commands.member_feed(own_member().id)
    token = commands.shown_again(feed)
    url = link(None, "seat_feeds.seats", token=token) if token and "show" in request.args else None
    addresses = {name: url_for(f"seat_feeds.{name}", workspace=workspace) for name in ("renew", "stop")}
    return render_template("catalogue/feed.html", feed=feed, url=url, can_show=token is not None, **addresses)


@bp.post("/w/<workspace>/calendar")
@open_to(*MEMBERS)
def renew(workspace: str) -> Response:
    commands.renew_member(own_member().id)
    flash(_("The address is ready. Give it to your calendar program, and to nobody else."), "ok")
    return redirect(url_for("seat_feeds.show", workspace=workspace, show=1), 303)


@bp.post("/w/<workspace>/calendar/stop")
@open_to(*MEMBERS)
def stop(workspace: str) -> Response:
    commands.withdraw_member(own_member().id)
    flash(_("The address leads nowhere now."), "ok")
    return redirect(url_for("seat_feeds.show", workspace=workspace), 303)


@bp.get("/-/calendars/<token>/seats.ics")
@open_to(EVERYONE, within=Kind.PLATFORM)
def seats(token: str) -> Response:
    reader = reader_of(token)
    if reader.member_id is None:
        abort(404)
    with inside(reader.scope), reader_in(reader.language):
        name = _("My training, %(firm)s", firm=reader.firm_name)
        content = calendar.ics(_entries(reader), "PUBLISH", feed=calendar.Feed(name))
    return served(content)


def _entries(reader: Reader) -> list[calendar.Entry]:
    """Workspace scope: the days of a member's seats, by the enrolment's UID as in mails; those given up for a month."""
    found: list[calendar.Entry] = []
    for row in _own(reader.member_id):
        session, uid = row.link.session, str(row.id)
        page, title = (
            link(reader.firm, "seats.show", workspace=reader.workspace, enrolment_id=row.id),
            pick(session.version.title),
        )
        text = _("Your page for this training: %(url)s", url=page)
        is_off = row.state not in ("seated", "attended", "absent")
        days = calendars.entries(session, uid, session.sequence + (row.ended_at is not None), title, text=text, url=page)
        found += calendars.dated(days, _changed(row), is_cancelled=is_off)
        found += [day for day in calendars.former(session, uid, title) if day.modified and day.modified > _seated(row)]
    return found


def _own(member_id: UUID | None) -> Sequence[Enrolment]:
    held = Enrolment.state.in_(("seated", "attended", "absent"))
    statement = (
        select(Enrolment)
        .join(Enrolment.link)
        .join(SessionLink.session)
        .where(Enrolment.member_id == member_id, Enrolment.seated_at.is_not(None))
        .where(held | (Enrolment.ended_at > now() - calendars.KEPT), TrainingSession.ends_at > now() - PAST)
        .options(
            joinedload(Enrolment.link).joinedload(SessionLink.session).joinedload(TrainingSession.version),
            joinedload(Enrolment.link).joinedload(SessionLink.session).selectinload(TrainingSession.slots),
            joinedload(Enrolment.link).joinedload(SessionLink.session).selectinload(TrainingSession.former_days),
        )
        .order_by(TrainingSession.starts_at)
        .limit(MOST)
    )
    return db.session.scalars(statement).all()


def _seated(row: Enrolment) -> dt.datetime:
    return row.seated_at or row.requested_at


def _changed(row: Enrolment) -> dt.datetime:
    return max(row.link.session.changed_at, _seated(row), row.ended_at or _seated(row))
