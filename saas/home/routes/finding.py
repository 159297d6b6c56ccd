"""What finds things: search, as a page and in the palette; the switcher from client to client."""

from __future__ import annotations

from flask import g, render_template, request

from saas.home import search as finding
from saas.home import switcher
from saas.home.routes.pages import bp
from saas.kit.access import DESK, STAFF, open_to

LONGEST = 80


def _asked() -> str:
    return request.args.get("q", "").strip()[:LONGEST]


def _found(groups: list[finding.Group]) -> str:
    """The list alone for the palette, the whole page for everybody else."""
    page = "home/_found.html" if request.headers.get("HX-Request") else "home/search.html"
    return render_template(page, groups=groups, asked=_asked())


@bp.get("/search")
@open_to(*STAFF)
def search() -> str:
    return _found(finding.of_firm(_asked()))


@bp.get("/w/<workspace>/search")
@open_to("hr", *DESK)
def client_search(workspace: str) -> str:
    return _found(finding.of_workspace(_asked()))


@bp.get("/switch")
@open_to(*DESK)
def switch() -> str:
    """The clients one may go to, each at the page that one comes from."""
    rows, origin = switcher.clients(_asked()), request.args.get("from", "")
    shown = rows[: switcher.MOST]
    page = "home/_switch.html" if request.headers.get("HX-Request") else "home/switch.html"
    return render_template(
        page, asked=_asked(), origin=origin, more=len(rows) > len(shown), pinned={pin.id for pin in g.viewer.rail.pins},
        places=[(client, switcher.href(client, origin)) for client in shown],
    )  # fmt: skip
