"""A programme as a PDF: the same page for the public, for clients and for staff, in French or in English."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from flask import Response
from flask_babel import gettext as _
from sqlalchemy import select

from saas.catalogue.models import Offer, ProgrammeVersion
from saas.catalogue.texts import BY_NAME, LISTS, Said, said, title_of
from saas.kit import documents, formats
from saas.kit.i18n import LANGUAGES, language, reader_in
from saas.kit.names import slugify
from saas.workspaces.models import FirmProfile
from tenants.db import db

TEMPLATE = Path(__file__).parent / "typst" / "programme.typ"
# What the page says of the firm: columns that every scope may read.
FACTS = ("legal_name", "logo", "colour", "email", "phone", "website", "street", "postcode", "city", "siret", "activity_number",
         "activity_region")  # fmt: skip
BEFORE, AFTER = ("audience", "prerequisites"), ("methods", "assessment", "accessibility", "access", "results")


def firm_facts() -> dict[str, str]:
    """What the programme's pages say of the firm, from any of its scopes; empty texts where it said nothing."""
    row = db.session.execute(select(*(getattr(FirmProfile, name) for name in FACTS))).first()
    return {name: str(row[n] or "") if row else "" for n, name in enumerate(FACTS)}


def answer(version: ProgrammeVersion, code: str, *, firm_name: str, reference: str = "", offer: Offer | None = None) -> Response:
    """The PDF of a version in a language, as a download; with an offer, that client's title and price."""
    code = code if code in LANGUAGES else "fr"
    content = render(version, code, firm_name=firm_name, reference=reference, offer=offer)
    response = Response(content, content_type="application/pdf")
    name = slugify(title_of(version, offer).text) or "programme"
    response.headers["Content-Disposition"] = f'inline; filename="{name}-v{version.number}-{code}.pdf"'
    response.set_etag(hashlib.sha256(content).hexdigest()[:20])
    return response


def render(version: ProgrammeVersion, code: str, *, firm_name: str, reference: str = "", offer: Offer | None = None) -> bytes:
    """The page's bytes. The same version, firm and offer give the same ones."""
    firm = firm_facts()
    with reader_in(code):
        data = _data(version, firm, firm_name, reference, offer)
    return documents.render(TEMPLATE, data, firm["logo"])


def _data(version: ProgrammeVersion, firm: dict[str, str], firm_name: str, reference: str, offer: Offer | None) -> dict[str, Any]:
    texts, dated = version.texts, version.published_at or version.edited_at
    return {
        "language": language(), "firm": firm["legal_name"] or firm_name, "colour": firm["colour"] or "#066584",
        "title": _text(title_of(version, offer)), "summary": _text(said(texts.get("summary"))), "reference": reference,
        "day": dated.date().isoformat(), "dated": _("Version %(n)s of %(day)s", n=version.number, day=formats.day(dated)),
        "draft": "" if version.published_at else _("Draft"),
        "facts": facts(version, offer), "before": _sections(texts, BEFORE), "after": _sections(texts, AFTER),
        "objectives_head": _("At the end, participants can"), "modules_head": str(LISTS["modules"]),
        "objectives": [_text(said(row)) for row in texts.get("objectives", [])],
        "modules": [
            {"title": _text(said(row.get("title"))), "content": _text(said(row.get("content")))} for row in texts.get("modules", [])
        ],
        "contact_head": _("Contact"), "contact": [text for text in (firm["email"], firm["phone"], firm["website"]) if text],
        "foot": legal_lines(firm, firm_name),
    }  # fmt: skip


def _text(value: Said) -> dict[str, Any]:
    return {"text": value.text, "language": value.language}


def _sections(texts: dict[str, Any], names: tuple[str, ...]) -> list[dict[str, Any]]:
    return [{"head": str(BY_NAME[name].label), **_text(said(texts[name]))} for name in names if texts.get(name)]


def facts(version: ProgrammeVersion, offer: Offer | None = None) -> list[list[str]]:
    """Length, form, group, languages and price of a version, as (name, value); with an offer, its price alone."""
    group = _("%(min)s to %(max)s people", min=version.min_group, max=version.max_group)
    rows = [
        (_("Duration"), formats.length_of(version)), (_("Form"), formats.modality(version.modality)), (_("Group"), group),
        (_("Given in"), ", ".join(LANGUAGES[code] for code in version.languages)),
    ]  # fmt: skip
    rows += [(_("Price"), text) for text in prices(version, offer)]
    return [[str(name), str(value)] for name, value in rows]


def prices(version: ProgrammeVersion, offer: Offer | None = None) -> list[str]:
    """What a programme costs, in words: per seat, per group, without VAT; with an offer, what this client pays."""
    if offer is not None:
        pairs = [(offer.basis, offer.price_cents)]
    else:
        pairs = [(b, c) for b, c in (("seat", version.price_seat_cents), ("group", version.price_group_cents)) if c]
    tax = _("excl. VAT, exempt") if version.vat == "exempt" else _("excl. VAT")
    words = {"seat": _("per seat"), "group": _("per group")}
    return [f"{formats.money(cents)} {words[basis]}, {tax}" for basis, cents in pairs]


def legal_lines(firm: dict[str, str], firm_name: str) -> list[str]:
    """Who the firm is, and its declaration with the sentence that must follow it (C. trav., art. L6352-12), in French by law."""
    address = " ".join(part for part in (firm["street"], firm["postcode"], firm["city"]) if part)
    siret = f"SIRET {firm['siret']}" if firm["siret"] else ""
    found = [", ".join(part for part in (firm["legal_name"] or firm_name, address, siret) if part)]
    if firm["activity_number"]:
        prefect = f" auprès du préfet de région {firm['activity_region']}" if firm["activity_region"] else ""
        found.append(f"Déclaration d’activité enregistrée sous le numéro {firm['activity_number']}{prefect}. {DECLARED}")
    return found


# Said word for word, in the language of the law, whatever the reader's.
DECLARED = "Cet enregistrement ne vaut pas agrément de l’État."
