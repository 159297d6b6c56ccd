"""What the states of an enrolment are called, where a pill has no place."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

STATES = {
    "requested": _l("Asked for"), "waiting": _l("Waiting list"), "offered": _l("Seat offered"), "seated": _l("Has a seat"),
    "attended": _l("Attended"), "absent": _l("Absent"), "withdrawn": _l("Given back"), "refused": _l("Refused"),
    "lapsed": _l("Offer over"), "substituted": _l("Replaced"), "transferred": _l("Moved"),
    "cancelled": _l("Session cancelled"),
}  # fmt: skip
