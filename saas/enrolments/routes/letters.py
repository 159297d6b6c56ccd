"""The firm's words for its mails, when it convokes, and who has not heard. For owner and advisors.

An owner alone changes what all clients read; advisors adapt it for the clients they look after.
"""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from saas.enrolments.letters import commands, example, facts, queries, words
from saas.enrolments.letters.forms import ConvocationsForm, TextsForm
from saas.enrolments.letters.kinds import IN_ADDRESS, KINDS
from saas.enrolments.letters.writing import Letter
from saas.kit.access import may, open_to
from saas.kit.errors import Refused
from saas.kit.i18n import LANGUAGES
from saas.kit.shell import CONSOLE, nav_entry
from saas.workspaces.queries.clients import client as client_of
from saas.workspaces.queries.clients import workspace_names
from tenants.db import db
from tenants.models import Workspace
from tenants.queue import later

bp = Blueprint("letters", __name__, template_folder="../templates")
nav_entry(CONSOLE, 60, _l("Mails"), "letters.index", "mail", "owner", "advisor", also=("sent",))
WHO = ("owner", "advisor")
bp.add_app_template_filter(lambda code: str(KINDS[code].name) if code in KINDS else _("Other mail"), "letter_kind")


@bp.get("/letters", endpoint="index")
@bp.get("/clients/<uuid:client_id>/letters", endpoint="of_client")
@open_to(*WHO)
def index(client_id: UUID | None = None) -> Response | str:
    """Every kind of mail, and whose words it has; for one client with client_id, or chosen in the list (``?client=``)."""
    if chosen := _chosen():
        return redirect(url_for("letters.of_client", client_id=chosen), 303)
    client = client_of(client_id) if client_id else None
    return render_template(
        "enrolments/letters.html", kinds=KINDS, firms=queries.adapted(), clients=queries.adapted(client_id) if client_id else {},
        client=client, names=workspace_names(),
    )  # fmt: skip


@bp.route(f"/letters/{IN_ADDRESS}", methods=["GET", "POST"], endpoint="text")
@bp.route(f"/clients/<uuid:client_id>/letters/{IN_ADDRESS}", methods=["GET", "POST"], endpoint="client_text")
@open_to(*WHO)
def text(kind: str, client_id: UUID | None = None) -> Response | str | tuple[str, int]:
    """Adapt a kind in both languages. POST with ``preview`` keeps nothing and shows the mail as its reader will see it."""
    page, form = Page(kind, client_of(client_id) if client_id else None), TextsForm()
    if request.method == "GET":
        page.start(form)
        return page.draw(form)
    typed = {language: form.typed(language) for language in LANGUAGES}
    if "preview" in request.form:
        if request.headers.get("HX-Request"):
            return render_template("enrolments/_letter_preview.html", letters=page.shown(form))
        return page.draw(form)
    _may_change(client_id)
    try:
        kept = commands.adapt(kind, typed, client_id)
    except Refused as no:
        db.session.rollback()
        form[no.field].errors = [no.message]
        return page.draw(form), 422
    flash(_("Saved: mails that leave from now on read so.") if kept else _("Nothing was changed."), "ok")
    return _to(kind, client_id)


def _chosen() -> UUID | None:
    try:
        return UUID(request.args["client"]) if request.args.get("client") else None
    except ValueError:
        abort(404)


def _may_change(client_id: UUID | None) -> None:
    if client_id is None and not may("owner"):
        abort(403)


class Page:
    """One kind's page: what is said now, and the history. A class, so that each is asked for once."""

    def __init__(self, kind: str, client: Workspace | None) -> None:
        self.kind, self.client, self.client_id = kind, client, client.id if client else None
        self.said, self.history = words.in_force(kind, self.client_id), queries.history(kind, self.client_id)

    def start(self, form: TextsForm) -> None:
        """What is said now; a text of the history when the address names one."""
        former = next((row for row in self.history if str(row.id) == request.args.get("from")), None)
        for language, now in self.said.items():
            source = former if former is not None and former.language == language and not former.is_ours else now
            for part in words.PARTS:
                form[f"{part}_{language}"].data = getattr(source, part)

    def shown(self, form: TextsForm) -> dict[str, Letter]:
        """The mail in both languages, with what is typed."""
        typed = {language: words.Words(**form.typed(language)) for language in LANGUAGES}
        return example.both(self.kind, typed, self.client.name if self.client else _("your client"))

    def draw(self, form: TextsForm) -> str:
        return render_template(
            "enrolments/letter_text.html", form=form, kind=KINDS[self.kind], code=self.kind, client=self.client,
            levels={language: said.level for language, said in self.said.items()}, history=self.history,
            names={name: words.PLACEHOLDERS[name] for name in words.placeholders(self.kind)}, letters=self.shown(form),
            may_change=self.client or may("owner"), here=_address(self.kind, self.client_id),
        )  # fmt: skip


def _address(kind: str, client_id: UUID | None, act: str = "") -> str:
    if client_id:
        return url_for(f"letters.client_{act or 'text'}", kind=kind, client_id=client_id)
    return url_for(f"letters.{act or 'text'}", kind=kind)


def _to(kind: str, client_id: UUID | None) -> Response:
    return redirect(_address(kind, client_id), 303)


def _language() -> str:
    language = request.form.get("language", "")
    return language if language in LANGUAGES else abort(400)


@bp.post(f"/letters/{IN_ADDRESS}/back", endpoint="back")
@bp.post(f"/clients/<uuid:client_id>/letters/{IN_ADDRESS}/back", endpoint="client_back")
@open_to(*WHO)
def back(kind: str, client_id: UUID | None = None) -> Response:
    """One language goes back to our text; a client's, to what the firm says to all."""
    client_id and client_of(client_id)
    _may_change(client_id)
    commands.go_back(kind, _language(), client_id)
    flash(_("The former text is kept in the history."), "ok")
    return _to(kind, client_id)


@bp.post(f"/letters/{IN_ADDRESS}/try", endpoint="try")
@bp.post(f"/clients/<uuid:client_id>/letters/{IN_ADDRESS}/try", endpoint="client_try")
@open_to(*WHO)
def send_to_oneself(kind: str, client_id: UUID | None = None) -> Response:
    """A test mail to one's own address, with the text as it is saved."""
    client_id and client_of(client_id)
    later("enrolments.try_mail", staff_id=g.viewer.staff_id, code=kind, language=_language(), client_id=client_id)
    flash(_("A test is on its way to %(address)s.", address=g.viewer.email), "ok")
    return _to(kind, client_id)


@bp.route("/letters/convocations", methods=["GET", "POST"])
@open_to("owner")
def convocations() -> Response | str | tuple[str, int]:
    """When people are convoked, and what their convocation says of whom to ask."""
    known = facts.settings()
    values = {f"to_bring_{language}": known.to_bring.get(language, "") for language in LANGUAGES}
    form = ConvocationsForm(obj=known, data=values)
    if request.method == "POST" and form.validate():
        commands.set_convocations(
            days=form.convocation_days.data, contact=form.contact.data or "", access_contact=form.access_contact.data or "",
            to_bring={language: form[f"to_bring_{language}"].data or "" for language in LANGUAGES},
        )  # fmt: skip
        flash(_("Saved."), "ok")
        return redirect(url_for("letters.convocations"), 303)
    page = render_template("enrolments/convocations.html", form=form)
    return (page, 422) if request.method == "POST" else page
