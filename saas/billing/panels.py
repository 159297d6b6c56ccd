"""What billing adds to the page of a session."""

from __future__ import annotations

from typing import Any

from flask import render_template

from saas.catalogue.models import TrainingSession
from saas.kit.access import may
from saas.kit.clock import now
from saas.kit.panels import panel


@panel("session")
def to_invoice(session: TrainingSession, names: Any, **_: Any) -> str:
    if session.ends_at > now() or not may("owner", "accountant"):
        return ""
    return render_template("billing/_session.html", session=session, names=names)
