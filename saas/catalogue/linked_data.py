"""Programmes as schema.org Course and CourseInstance, which search engines read (JSON-LD in a block that no browser runs)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from saas.catalogue.models import ProgrammeVersion
from saas.catalogue.queries.public import Date
from saas.catalogue.texts import said
from saas.kit.clock import PARIS

MODES = {"onsite": "onsite", "remote": "online", "blended": "blended"}


def block(data: Mapping[str, Any]) -> Markup:
    """A JSON-LD block for a page's head. What people wrote cannot end it: no < is left in the JSON."""
    said_ = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&":
        said_ = said_.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(f'<script type="application/ld+json">{said_}</script>')  # noqa: S704  # JSON without < > &, made here


def duration(minutes: int) -> str:
    """A length as ISO 8601 says it: PT14H, PT3H30M."""
    hours, rest = divmod(minutes, 60)
    return "PT" + (f"{hours}H" if hours else "") + (f"{rest}M" if rest or not hours else "")


def course(
    version: ProgrammeVersion, dates: Sequence[Date], *, url: str, firm: Mapping[str, str], firm_name: str, firm_url: str
) -> dict[str, Any]:
    """One programme, with its dates; without any, the form and length that search engines ask for."""
    texts = version.texts
    title = said(version.title)
    found: dict[str, Any] = {
        "@context": "https://schema.org", "@type": "Course", "name": title.text, "url": url, "inLanguage": list(version.languages),
        "description": said(texts.get("summary")).text or title.text, "courseCode": version.programme.reference,
        "timeRequired": duration(version.minutes),
        "provider": {"@type": "Organization", "name": firm["legal_name"] or firm_name, "url": firm["website"] or firm_url},
        "teaches": [said(row).text for row in texts.get("objectives", [])],
        "hasCourseInstance": [_instance(version, date) for date in dates] or [_on_demand(version)],
    }  # fmt: skip
    if prerequisites := said(texts.get("prerequisites")):
        found["coursePrerequisites"] = prerequisites.text
    if version.price_seat_cents or version.price_group_cents:
        cents = version.price_seat_cents or version.price_group_cents
        found["offers"] = {
            "@type": "Offer", "category": "Paid", "price": f"{cents / 100:.2f}", "priceCurrency": "EUR", "url": url,
        }  # fmt: skip
    return found


def _on_demand(version: ProgrammeVersion) -> dict[str, Any]:
    return {"@type": "CourseInstance", "courseMode": MODES[version.modality], "courseWorkload": duration(version.minutes)}


def _instance(version: ProgrammeVersion, date: Date) -> dict[str, Any]:
    found: dict[str, Any] = {
        **_on_demand(version), "inLanguage": date.language, "startDate": date.starts_at.astimezone(PARIS).isoformat(),
        "endDate": date.ends_at.astimezone(PARIS).isoformat(),
    }  # fmt: skip
    if date.venue or date.address:
        found["location"] = {"@type": "Place", "name": date.venue or date.address, "address": date.address or date.venue}
    return found


def listing(versions: Sequence[ProgrammeVersion], urls: Sequence[str]) -> dict[str, Any]:
    """A page of the catalogue."""
    return {
        "@context": "https://schema.org",
        "@type": "ItemList",
        "itemListElement": [
            {"@type": "ListItem", "position": n, "url": url, "name": said(version.title).text}
            for n, (version, url) in enumerate(zip(versions, urls, strict=True), 1)
        ],
    }
