"""Why somebody is told of something, and what zones are called."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

REASONS = {
    "reply": _l("Somebody answers you"),
    "followed": _l("An answer where you spoke"),
    "helped": _l("What you said helped"),
    "appointed": _l("A mandate was given in a zone you are in"),
    "ritual_changed": _l("A date has moved"),
    "ritual_cancelled": _l("A date is called off"),
    "seat": _l("A seat is free: you are in"),
}
KINDS = {"open": _l("open zone"), "peer": _l("among peers"), "room": _l("room")}
ROLES = {"pilot": _l("Pilot"), "deputy": _l("Deputy"), "ambassador": _l("Ambassador"), "member": _l("Member"), "hr": _l("HR")}


def init_words(app: Flask) -> None:
    app.jinja_env.filters.update(
        notice_reason=lambda code: str(REASONS[code]),
        zone_kind=lambda code: str(KINDS[code]),
        zone_role=lambda code: str(ROLES[code]),
    )
