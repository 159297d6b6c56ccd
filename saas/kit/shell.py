"""What every template is given: who is looking, where, and the navigation that the features declared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask, g, request, url_for
from flask_babel import LazyString

from saas.kit import branding, i18n
from saas.kit.access import may

CONSOLE, CLIENT, MEMBER = "console", "client", "member"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a face's navigation. `audiences` are those of open_to; `also`, other blueprints whose pages belong to it."""

    face: str
    order: int
    label: LazyString
    endpoint: str
    icon: str
    audiences: tuple[str, ...]
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NavItem:
    label: str
    href: str
    icon: str
    current: bool
    count: int | None = None


NAV: list[Entry] = []


def nav_entry(
    face: str, order: int, label: LazyString, endpoint: str, icon: str, *audiences: str, also: tuple[str, ...] = ()
) -> None:
    """Declare a navigation entry; features call this when they are imported."""
    entry = Entry(face, order, label, endpoint, icon, audiences, also)
    if entry.endpoint not in {e.endpoint for e in NAV if e.face == face}:
        NAV.append(entry)


def face() -> str:
    """Which of the three faces this page wears: by its address, then by who is looking."""
    if g.viewer.workspace is None:
        return CONSOLE
    return CLIENT if may("hr", "owner", "advisor", "accountant", "trainer", "sponsor") else MEMBER


def nav() -> list[NavItem]:
    """The navigation of this page's face."""
    if g.viewer.firm is None:
        return []
    here, where = face(), (request.endpoint or "").rsplit(".", 1)[0]
    values = {"workspace": g.viewer.workspace.slug} if here != CONSOLE else {}
    entries = [e for e in sorted(NAV, key=lambda e: e.order) if e.face == here and may(*e.audiences)]
    return [NavItem(str(e.label), url_for(e.endpoint, **values), e.icon, _is_current(e, where)) for e in entries]


def _is_current(entry: Entry, blueprint: str) -> bool:
    own, _, view = entry.endpoint.rpartition(".")
    within = own == blueprint != "home" and view in ("index", "home")
    return request.endpoint == entry.endpoint or within or blueprint in entry.also


def shell_template() -> str:
    """The base template of this page's face."""
    return {CONSOLE: "kit/console.html", CLIENT: "kit/workspace.html", MEMBER: "kit/member.html"}[face()]


def firm_logo_url() -> str | None:
    """The address of the firm's logo for whoever is looking; None while it has none."""
    key = g.viewer.firm.logo if g.viewer.firm else ""
    if not key:
        return None
    if g.viewer.workspace is None:
        return url_for("firm.logo", v=branding.stamp(key))
    return url_for("firm.client_logo", workspace=g.viewer.workspace.slug, v=branding.stamp(key))


def _context() -> dict[str, Any]:
    viewer = getattr(g, "viewer", None)
    workspace = viewer.workspace if viewer else None
    return {
        "viewer": viewer if viewer and viewer.account_id else None,
        "firm": viewer.firm if viewer else None,
        "workspace": workspace,
        "nav": nav() if viewer and viewer.account_id else [],
        "language": i18n.language(),
        "may": may,
        "theme_url": branding.theme_url(workspace.colour) if workspace else None,
        "firm_logo_url": firm_logo_url() if viewer and viewer.account_id else None,
        "other_memberships_url": url_for("identity.chooser") if viewer and viewer.account_id else None,
    }


def init_shell(app: Flask) -> None:
    app.context_processor(_context)
    globals_: dict[str, Callable[..., Any]] = {"shell_template": shell_template}
    app.jinja_env.globals.update(globals_)
    app.jinja_env.add_extension("jinja2.ext.do")
