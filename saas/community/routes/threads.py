"""Threads: ask, answer, mark what helped. Open to whoever is in the zone: the policies decide."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from saas.community.commands import threads as threads_commands
from saas.community.forms.threads import ReplyForm, ThreadForm
from saas.community.models import Thread
from saas.community.queries import spaces as spaces_queries
from saas.community.queries import threads as threads_queries
from saas.kit.access import MEMBERS, STAFF, open_to
from saas.kit.errors import Refused
from saas.kit.tables import paged
from tenants.scope import Kind

bp = Blueprint("threads", __name__, template_folder="../templates", url_prefix="/w/<workspace>/community")
WHO = (*MEMBERS, *STAFF)


@bp.route("/zones/<uuid:zone_id>/new", methods=["GET", "POST"])
@open_to(*WHO, within=Kind.COMMUNITY)
def create(workspace: str, zone_id: UUID) -> Response | str | tuple[str, int]:
    zone, form = spaces_queries.zone(zone_id), ThreadForm()
    audience, code = spaces_queries.audience(spaces_queries.people(zone_id)), 200
    if form.is_submitted():
        code = 422
        try:
            if form.validate():
                thread = threads_commands.start_thread(zone.id, form.kind.data, form.title.data, form.body.data)
                return redirect(url_for("threads.show", workspace=workspace, thread_id=thread.id), 303)
        except Refused as no:
            getattr(form, no.field or "body").errors = [no.message]
    return render_template("community/new_thread.html", form=form, zone=zone, audience=audience), code


@bp.get("/threads/<uuid:thread_id>")
@open_to(*WHO, within=Kind.COMMUNITY)
def show(workspace: str, thread_id: UUID) -> str:
    return _page(threads_queries.thread(thread_id), ReplyForm(formdata=None))


def _page(thread: Thread, form: ReplyForm) -> str:
    people = spaces_queries.people(thread.zone_id)
    return render_template(
        "community/thread.html", thread=thread, zone=spaces_queries.zone(thread.zone_id), page=paged(threads_queries.posts(thread.id), 50), people=people, form=form,
        audience=spaces_queries.audience(people), me=g.viewer.account_id,
    )  # fmt: skip


@bp.post("/threads/<uuid:thread_id>/replies")
@open_to(*WHO, within=Kind.COMMUNITY)
def reply(workspace: str, thread_id: UUID) -> Response | tuple[str, int]:
    thread, form = threads_queries.thread(thread_id), ReplyForm()
    if not form.validate():
        return _page(thread, form), 422
    post = threads_commands.reply(thread, form.body.data)
    return redirect(url_for("threads.show", workspace=workspace, thread_id=thread_id, _anchor=f"p{post.id}"), 303)


@bp.post("/threads/<uuid:thread_id>/posts/<uuid:post_id>/<any(helped, unhelped):mark>")
@open_to(*WHO, within=Kind.COMMUNITY)
def helped(workspace: str, thread_id: UUID, post_id: UUID, mark: str) -> Response:
    threads_commands.mark_helped(threads_queries.thread(thread_id), threads_queries.post(post_id, thread_id), mark == "helped")
    if mark == "helped":
        flash(_("Noted: this is what helped you."), "ok")
    return redirect(url_for("threads.show", workspace=workspace, thread_id=thread_id, _anchor=f"p{post_id}"), 303)
