"""What the firm says of itself. For its owner; the logo is for everybody of the firm and of its clients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse

from saas.kit import branding, checks, storage, uploads
from saas.kit.access import MEMBERS, STAFF, open_to
from saas.kit.errors import Refused
from saas.kit.shell import CONSOLE, nav_entry
from saas.workspaces import logos
from saas.workspaces.commands import firm as commands
from saas.workspaces.forms import firm as forms
from saas.workspaces.models import FirmProfile
from saas.workspaces.queries import firm as queries
from tenants.db import db

bp = Blueprint("firm", __name__, template_folder="../templates")
nav_entry(CONSOLE, 100, _l("Settings"), "firm.index", "settings", "owner")
bp.add_app_template_filter(checks.fours, "fours")

SECTIONS: dict[str, tuple[Any, type[FlaskForm]]] = {
    "identity": (_l("Identity"), forms.IdentityForm),
    "billing": (_l("VAT and bank"), forms.BillingForm),
    "brand": (_l("Logo and colour"), forms.BrandForm),
    "texts": (_l("Signature and texts"), forms.TextsForm),
    "cancellation": (_l("Cancellation terms"), forms.CancellationForm),
}
# Where the facts that documents lack are typed.
HOME_OF = {"iban": "billing", "signatory": "texts"}
SECTION = "/settings/<any(identity, billing, brand, texts, cancellation):section>"


@bp.get("/settings")
@open_to("owner")
def index() -> str:
    return _page("identity")


@bp.get(SECTION)
@open_to("owner")
def section(section: str) -> str:
    return _page(section)


@bp.post(SECTION)
@open_to("owner")
def save(section: str) -> BaseResponse | tuple[str, int]:
    form = SECTIONS[section][1]()
    if form.validate():
        try:
            SAVE[section](form)
            flash(_("Saved."), "ok")
            return redirect(url_for("firm.section", section=section), 303)
        except Refused as no:
            db.session.rollback()
            form[no.field].errors = [no.message]
    return _page(section, form), 422


def _page(section: str, form: Any = None) -> str:
    profile = queries.own_profile() or FirmProfile(legal_name="", cancellation=queries.cancellation_terms(), colour="#066584")
    form = form or SECTIONS[section][1](formdata=None, **_values(profile, section))
    missing = queries.missing(profile)
    tabs = [(label, url_for("firm.section", section=key), key == section) for key, (label, _form) in SECTIONS.items()]
    return render_template(
        f"workspaces/firm_{section}.html", form=form, profile=profile, tabs=tabs, section=section, missing=missing,
        words={kind: queries.in_words(facts) for kind, facts in missing.items()},
        first={kind: HOME_OF.get(facts[0], "identity") for kind, facts in missing.items() if facts},
        guarded=branding.guard(profile.colour), terms=queries.sentences(profile.cancellation),
    )  # fmt: skip


def _values(profile: FirmProfile, section: str) -> dict[str, Any]:
    """What a section's form starts with."""
    if section == "cancellation":
        steps = list(enumerate(profile.cancellation))
        rules = {name: getattr(profile, name) for name in ("offer_hours", "names_days")}
        return rules | {f"days_{n}": step[0] for n, step in steps} | {f"percent_{n}": step[1] for n, step in steps}
    values = {name: getattr(profile, name) for name in FirmProfile.__mapper__.column_attrs.keys()}  # noqa: SIM118
    values["capital"] = profile.capital_cents
    values["iban"] = checks.fours(profile.iban or "")
    for name in ("terms", "internal_rules"):
        values |= {f"{name}_{language}": (values[name] or {}).get(language, "") for language in ("fr", "en")}
    return {name: value for name, value in values.items() if name != "logo"}


def _save_identity(form: Any) -> None:
    data = {name: form[name].data or "" for name in form.data if name not in ("capital", "evidence_years", "csrf_token")}
    commands.describe(capital_cents=form.capital.data or 0, evidence_years=form.evidence_years.data, **data)


def _save_billing(form: Any) -> None:
    commands.tax_and_bank(
        vat_regime=form.vat_regime.data, vat_attested_on=form.vat_attested_on.data, vat_number=form.vat_number.data or "",
        iban=form.iban.data or "", bic=form.bic.data or "",
    )  # fmt: skip


def _save_brand(form: Any) -> None:
    sent = request.files.get("logo")
    picture = uploads.read(sent, uploads.PICTURES, logos.MAX_BYTES, "logo") if sent and sent.filename else None
    commands.brand(form.colour.data, picture, without_logo=form.without_logo.data)


def _save_texts(form: Any) -> None:
    both = {
        name: {language: form[f"{name}_{language}"].data or "" for language in ("fr", "en")}
        for name in ("terms", "internal_rules")
    }
    commands.texts(signatory=form.signatory.data or "", signatory_title=form.signatory_title.data or "", **both)


def _save_cancellation(form: Any) -> None:
    commands.enrolment_rules(offer_hours=form.offer_hours.data, names_days=form.names_days.data)
    commands.cancellation([(days.data, percent.data) for days, percent in form.rows()])


SAVE: dict[str, Callable[[Any], None]] = {
    "identity": _save_identity, "billing": _save_billing, "brand": _save_brand, "texts": _save_texts,
    "cancellation": _save_cancellation,
}  # fmt: skip


@bp.get("/logo")
@open_to(*STAFF)
def logo() -> Response:
    return _logo()


@bp.get("/w/<workspace>/firm-logo")
@open_to(*MEMBERS, *STAFF)
def client_logo(workspace: str) -> Response:
    return _logo()


def _logo() -> Response:
    """The picture, kept for good under its own stamp by whoever may see it."""
    key = g.viewer.firm.logo
    if not key:
        abort(404)
    response = Response(storage.get(key), content_type=uploads.content_type(key))
    stamped = request.args.get("v") == branding.stamp(key)
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable" if stamped else "private, no-cache"
    return response
