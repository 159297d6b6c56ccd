"""One's own data as a file: JSON for machines (GDPR art. 20), a page for people, and one's own documents, in one ZIP."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flask import render_template
from flask_babel import gettext as _

from saas.kit import formats
from saas.kit.clock import now, today
from saas.kit.i18n import language
from saas.kit.names import slugify
from saas.kit.personal import Fact
from saas.privacy.queries import Place

SHEET = Path(__file__).parent / "my-data.css"


def shown(fact: Fact) -> str:
    """A fact as a person reads it; empty when there is none."""
    value = fact.value
    if isinstance(value, dt.datetime):
        return formats.moment(value)
    if isinstance(value, dt.date):
        return formats.day(value)
    if isinstance(value, list | tuple):
        return " · ".join(str(one) for one in value if str(one).strip())
    return "" if value is None else str(value)


def _plain(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def machine_readable(places: Sequence[Place]) -> dict[str, Any]:
    """The same as the page says, under keys that do not change with the language. Moments are ISO 8601, in UTC."""
    return {
        "format": "cordee-personal-data", "version": 1, "made_at": now().isoformat(), "language": language(),
        "places": [
            {
                "firm": place.firm or None, "workspace": place.workspace or None,
                "data": {held.part.key: [{fact.key: _plain(fact.value) for fact in row} for row in held.rows] for held in place.held},
                "files": [_path(place, name) for held in place.held for name, _content in held.files],
            }
            for place in places
        ],
    }  # fmt: skip


def _path(place: Place, name: str) -> str:
    return f"{slugify(place.workspace or place.firm) or 'cordee'}/{name}"


def made(places: Sequence[Place]) -> tuple[str, io.BytesIO]:
    """The ZIP's name and content, in the language in force."""
    stem, out = _("my-data"), io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as box:
        box.writestr(f"{stem}.json", json.dumps(machine_readable(places), ensure_ascii=False, indent=2))
        box.writestr(f"{stem}.html", render_template("privacy/file.html", places=places, day=today()))
        box.writestr(SHEET.name, SHEET.read_bytes())
        for place in places:
            for held in place.held:
                for name, content in held.files:
                    box.writestr(_path(place, name), content)
    out.seek(0)
    return f"{stem}-{today().isoformat()}.zip", out
