"""How a feature adds to a page of a lower one: it registers a panel under the page's name; the page draws what there is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from markupsafe import Markup

Panel = Callable[..., str]
PANELS: dict[str, list[Panel]] = {}


def panel(place: str) -> Callable[[Panel], Panel]:
    """Register a function that renders one of this feature's templates, or nothing, for a place of a page."""

    def register(draw: Panel) -> Panel:
        drawn = PANELS.setdefault(place, [])
        if draw not in drawn:
            drawn.append(draw)
        return draw

    return register


def panels(place: str, **context: Any) -> Markup:
    """Everything registered for a place, in order. Each piece is a rendered template, so already escaped."""
    return Markup("").join(Markup(draw(**context)) for draw in PANELS.get(place, []))  # noqa: S704


def init_panels(app: Flask) -> None:
    app.jinja_env.globals["panels"] = panels
