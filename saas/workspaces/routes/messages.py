"""A client's conversation with the firm, and who of the firm it writes to. For HR, and staff."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import SelectField, TextAreaField
from wtforms.validators import InputRequired, Length

from saas.kit.access import open_to
from saas.kit.errors import Refused
from saas.kit.options import options
from saas.kit.shell import CLIENT, nav_entry
from saas.kit.tables import paged
from saas.workspaces.messages import commands, queries
from saas.workspaces.queries.clients import client as the_client
from tenants.db import db

bp = Blueprint("messages", __name__, template_folder="../templates")
WHO = ("hr", "owner", "advisor")
nav_entry(CLIENT, 55, _l("Messages"), "messages.index", "mail", *WHO)


class MessageForm(FlaskForm):
    """What is written."""

    text = TextAreaField(
        _l("Your message"),
        [InputRequired(_l("Write a message.")), Length(max=commands.MOST, message=_l("At most 4,000 characters."))],
    )


class AdvisorForm(FlaskForm):
    """Who looks after a client."""

    advisor = SelectField(_l("Contact"))


@bp.get("/w/<workspace>/messages")
@open_to(*WHO)
def index(workspace: str) -> str:
    return _page(MessageForm(formdata=None))


def _page(form: MessageForm) -> str:
    return render_template(
        "workspaces/messages.html", form=form, page=paged(queries.conversation()), advisor=queries.advisor(),
        waiting=queries.waiting(),
    )  # fmt: skip


@bp.post("/w/<workspace>/messages")
@open_to(*WHO)
def write(workspace: str) -> Response | tuple[str, int]:
    form = MessageForm()
    if form.validate():
        try:
            commands.write(g.viewer.workspace_id, form.text.data, None if g.viewer.is_staff else g.viewer.member_id)
            flash(_("Sent."), "ok")
            return redirect(url_for("messages.index", workspace=workspace), 303)
        except Refused as no:
            db.session.rollback()
            form.text.errors = [no.message]
    return _page(form), 422


@bp.post("/w/<workspace>/messages/settled")
@open_to("owner", "advisor")
def settle(workspace: str) -> Response:
    """What the client wrote needs no answer."""
    commands.settle()
    flash(_("Done: nothing waits for an answer."), "ok")
    return redirect(url_for("messages.index", workspace=workspace), 303)


@bp.route("/clients/<uuid:client_id>/advisor", methods=["GET", "POST"])
@open_to("owner", "advisor")
def choose(client_id: UUID) -> Response | str | tuple[str, int]:
    """Firm scope: who of the staff a client writes to."""
    client, form = the_client(client_id), AdvisorForm()
    people = {str(row.id): row.card for row in queries.advisors(client)}
    form.advisor.choices = options([("", _("the owners of the firm")), *[(i, card.name) for i, card in people.items()]])
    if form.is_submitted() and form.validate():
        commands.look_after(client, people.get(form.advisor.data))
        flash(_("Saved."), "ok")
        return redirect(url_for("messages.index", workspace=client.slug), 303)
    if not form.is_submitted():
        form.advisor.data = str(client.advisor_id or "")
    page = render_template("workspaces/choose_advisor.html", form=form, client=client)
    return (page, 422) if form.errors else page
