"""Needs: said by the person on their seat's page; read by owner, advisors and the session's trainers on a page of their own."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import TextAreaField
from wtforms.validators import Length, Optional

from saas.catalogue.models import TrainingSession
from saas.catalogue.queries import sessions as catalogue
from saas.catalogue.routes.sessions import only_own
from saas.enrolments.absences import queries as absences
from saas.enrolments.needs import commands, queries
from saas.enrolments.needs.models import SeatNeed
from saas.enrolments.needs.words import ACCESS, DIET
from saas.enrolments.queries.seats import enrolment, firm_roster
from saas.identity.viewer import cookie_token
from saas.kit import journal
from saas.kit.access import MEMBERS, open_to
from saas.kit.options import CheckListField, options
from saas.kit.tokens import hashed
from saas.workspaces.queries.clients import workspace_names

bp = Blueprint("needs", __name__, template_folder="../templates")
SEAT = "/w/<workspace>/seats/<uuid:enrolment_id>/needs"
# Who acts on them: not the accountant, and of a client nobody but the person.
READERS = ("owner", "advisor", "trainer")


class NeedForm(FlaskForm):
    """What one needs at the table and in the room."""

    diet = CheckListField(_l("At the table"), choices=options(DIET.items()))
    diet_words = TextAreaField(
        _l("Anything else at the table"), [Optional(), Length(max=commands.MOST_WORDS)],
        description=_l("What to serve or to leave out is enough: no need to say why."),
    )  # fmt: skip
    access = CheckListField(_l("In the room"), choices=options(ACCESS.items()))
    access_words = TextAreaField(
        _l("Anything else in the room"), [Optional(), Length(max=commands.MOST_WORDS)],
        description=_l("What should be arranged for you: a need, never a diagnosis."),
    )  # fmt: skip

    def need(self) -> commands.Need:
        return commands.Need(
            self.diet.data or (), self.diet_words.data or "", self.access.data or (), self.access_words.data or ""
        )


def token() -> str:
    """The proof that whoever looks is who they are, for the database to check."""
    return hashed(cookie_token() or "")


@bp.route(SEAT, methods=["GET", "POST"])
@open_to(*MEMBERS)
def edit(workspace: str, enrolment_id: UUID) -> Response | str | tuple[str, int]:
    """One's own seat alone, whatever one's role."""
    row = enrolment(enrolment_id, g.viewer.member_id)
    known = commands.mine(enrolment_id, token())
    form = NeedForm() if request.method == "POST" else NeedForm(obj=known)
    if request.method == "POST" and form.validate():
        commands.say(enrolment_id, token(), form.need())
        flash(_("Noted. Only the trainer and the training firm’s staff read it; it is erased after the session."), "ok")
        return redirect(url_for("seats.show", workspace=workspace, enrolment_id=enrolment_id), 303)
    page = render_template("enrolments/needs.html", row=row, session=row.link.session, form=form, known=known)
    return (page, 422) if request.method == "POST" else page


@bp.post(f"{SEAT}/forget")
@open_to(*MEMBERS)
def forget(workspace: str, enrolment_id: UUID) -> Response:
    enrolment(enrolment_id, g.viewer.member_id)
    commands.forget(enrolment_id, token())
    flash(_("Erased."), "ok")
    return redirect(url_for("seats.show", workspace=workspace, enrolment_id=enrolment_id), 303)


@bp.get("/sessions/<uuid:session_id>/practical")
@open_to(*READERS)
def practical(session_id: UUID) -> str:
    """Who will miss what, and the meals to order: counts, no names."""
    return _practical(catalogue.session(session_id, only_own()), None)


@bp.get("/sessions/<uuid:session_id>/practical/needs")
@open_to(*READERS)
def by_person(session_id: UUID) -> str:
    """Who needs what. Each reading is written down, without a word of what was read."""
    session = catalogue.session(session_id, only_own())
    found = queries.by_person(session_id)
    journal.note("needs.read", session.version.title.get("fr", ""), session.id, people=len(found))
    return _practical(session, found)


def _practical(session: TrainingSession, needs: Sequence[SeatNeed] | None) -> str:
    seated = [row for row in firm_roster(session.id) if row.state in queries.HELD]
    return render_template(
        "enrolments/practical.html", session=session, roster=seated, names=workspace_names(), needs=needs, diet=DIET,
        access=ACCESS, absences=absences.standing([row.id for row in seated]),
        catering=queries.catering(session.id) if needs is None else queries.counted(needs),
    )  # fmt: skip
