"""The firm's public catalogue: no sign-in, the same bytes for everybody, made to be found and kept by caches."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from xml.sax.saxutils import escape

from flask import Blueprint, Response, abort, g, make_response, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from saas.catalogue import linked_data, sheets
from saas.catalogue.queries import public as queries
from saas.catalogue.texts import CODES
from saas.kit import branding, storage, uploads
from saas.kit.access import EVERYONE, open_to
from saas.kit.i18n import reader_in
from saas.kit.tables import paged
from tenants.resolver import firm_slug, link
from tenants.scope import Kind

bp = Blueprint("public", __name__, template_folder="../templates")
PER_PAGE = 24
# A page that changed is seen by everybody within five minutes.
FOR_ALL = "public, max-age=300, stale-while-revalidate=3600"


def _kept(response: Response) -> BaseResponse:
    """An answer that any cache may keep and any robot may list; unchanged, it is not sent again."""
    response.headers["Cache-Control"] = FOR_ALL
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["X-Robots-Tag"] = "all"
    response.set_etag(hashlib.sha256(response.get_data()).hexdigest()[:20], weak=True)
    return response.make_conditional(request)


def _address(lang: str, endpoint: str, **values: Any) -> str:
    return link(firm_slug(), endpoint, lang=lang, **values)


def _page(
    template: str, lang: str, firm: Mapping[str, str], endpoint: str, values: Mapping[str, Any], **context: Any
) -> BaseResponse:
    """A page in one language, which names itself and the other one."""
    query = context.pop("query", {})
    tail = f"?{urlencode(query)}" if query else ""
    alternates = {code: _address(code, endpoint, **values) + tail for code in CODES}
    other = "en" if lang == "fr" else "fr"
    stamp = branding.stamp(firm["logo"])
    with reader_in(lang):
        html = render_template(
            f"catalogue/public/{template}.html", facts=firm, alternates=alternates, canonical=alternates[lang], lang=lang,
            home=url_for("public.index", lang=lang), firm_name=g.viewer.firm.name, legal=sheets.legal_lines(dict(firm), g.viewer.firm.name),
            public_theme=branding.theme_url(firm["colour"]) if firm["colour"] else None,
            logo=url_for("public.logo", v=stamp) if firm["logo"] else None,
            picture=link(firm_slug(), "public.logo", v=stamp), switch=url_for(endpoint, lang=other, **values) + tail, **context,
        )  # fmt: skip
    return _kept(make_response(html))


@bp.get("/catalogue", defaults={"lang": "fr"})
@bp.get("/en/catalogue", defaults={"lang": "en"})
@open_to(EVERYONE, within=Kind.PUBLIC)
def index(lang: str) -> BaseResponse:
    firm = queries.firm()
    search, modality = request.args.get("q", "").strip()[:80], request.args.get("modality", "")
    modality = modality if modality in ("onsite", "remote", "blended") else ""
    page = paged(queries.catalogue(search, modality), PER_PAGE)
    urls = [_address(lang, "public.programme", slug=v.programme.slug) for v in page.items]
    asked = {"q": search, "modality": modality, "page": page.number if page.number > 1 else ""}
    with reader_in(lang):
        block = linked_data.block(linked_data.listing(page.items, urls))
    return _page(
        "index", lang, firm, "public.index", {}, page=page, search=search, modality=modality, block=block,
        next_dates=queries.next_dates([v.programme_id for v in page.items]), query={k: v for k, v in asked.items() if v},
    )  # fmt: skip


@bp.get("/catalogue/<slug>", defaults={"lang": "fr"})
@bp.get("/en/catalogue/<slug>", defaults={"lang": "en"})
@open_to(EVERYONE, within=Kind.PUBLIC)
def programme(slug: str, lang: str) -> BaseResponse:
    firm, version = queries.firm(), queries.programme(slug)
    dates = queries.dates(version.programme_id)
    url = _address(lang, "public.programme", slug=slug)
    home = _address(lang, "public.index")
    with reader_in(lang):
        course = linked_data.course(version, dates, url=url, firm=firm, firm_name=g.viewer.firm.name, firm_url=home)
    return _page(
        "programme", lang, firm, "public.programme", {"slug": slug}, version=version, dates=dates, block=linked_data.block(course),
        pdf=url_for("public.pdf", slug=slug, lang=lang),
    )  # fmt: skip


@bp.get("/catalogue/<slug>/programme.pdf", defaults={"lang": "fr"})
@bp.get("/en/catalogue/<slug>/programme.pdf", defaults={"lang": "en"})
@open_to(EVERYONE, within=Kind.PUBLIC)
def pdf(slug: str, lang: str) -> BaseResponse:
    queries.firm()
    version = queries.programme(slug)
    return _kept(sheets.answer(version, lang, reference=version.programme.reference, firm_name=g.viewer.firm.name))


@bp.get("/catalogue-logo")
@open_to(EVERYONE, within=Kind.PUBLIC)
def logo() -> BaseResponse:
    key = queries.firm()["logo"]
    if not key:
        abort(404)
    return _kept(Response(storage.get(key), content_type=uploads.content_type(key)))


@bp.get("/sitemap.xml")
@open_to(EVERYONE, within=Kind.PUBLIC)
def sitemap() -> BaseResponse:
    """Every public page of the firm, in both languages (sitemaps.org 0.9, with the alternates that search engines read)."""
    queries.firm()
    pages: list[tuple[str, dict[str, Any], str]] = [("public.index", {}, "")]
    pages += [("public.programme", {"slug": slug}, changed.date().isoformat()) for slug, changed in queries.addresses()]
    rows = [_entry(endpoint, values, changed, code) for endpoint, values, changed in pages for code in CODES]
    xml = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        f' xmlns:xhtml="http://www.w3.org/1999/xhtml">\n{"".join(rows)}</urlset>\n'
    )
    return _kept(Response(xml, content_type="application/xml; charset=utf-8"))


def _entry(endpoint: str, values: dict[str, Any], changed: str, code: str) -> str:
    alternates = "".join(
        f'<xhtml:link rel="alternate" hreflang="{other}" href="{escape(_address(other, endpoint, **values))}"/>'
        for other in CODES
    )
    day = f"<lastmod>{changed}</lastmod>" if changed else ""
    return f"<url><loc>{escape(_address(code, endpoint, **values))}</loc>{day}{alternates}</url>\n"
