"""What the community adds to the home pages: facts for HR, never content; the door for managers."""

from __future__ import annotations

from typing import Any

from flask import g, render_template

from saas.community.queries import figures as figures_queries
from saas.community.queries import spaces as spaces_queries
from saas.kit.panels import panel


@panel("hr-home")
def facts(**_: Any) -> str:
    """That it exists, its purpose, its pilot, its rhythm from five people up."""
    space = spaces_queries.space()
    rhythm = figures_queries.rhythm().get(g.viewer.workspace_id) if space else None
    return render_template("community/_facts.html", space=space, rhythm=rhythm)


@panel("manager-home")
def door(**_: Any) -> str:
    return render_template("community/_door.html", space=spaces_queries.space())
