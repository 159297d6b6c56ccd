"""The audit journal: the firm's for its owner, their clients' for its advisors, a client's for its HR and its desk staff."""

from __future__ import annotations

from flask import Blueprint, g, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from saas.kit import seals
from saas.kit.access import DESK, HR_OF_ALL, open_to
from saas.kit.shell import CLIENT, CONSOLE, nav_entry
from saas.kit.tables import download, paged
from saas.workspaces.journal import export, facts, queries
from saas.workspaces.journal.families import FAMILIES
from saas.workspaces.journal.queries import Sought

bp = Blueprint("journal", __name__, template_folder="../templates")
OF_FIRM, OF_CLIENT = ("owner", "advisor"), (HR_OF_ALL, *DESK)
nav_entry(CONSOLE, 92, _l("Journal"), "journal.firm", "file-text", *OF_FIRM)
nav_entry(CLIENT, 85, _l("Journal"), "journal.client", "file-text", *OF_CLIENT)


def _page(endpoint: str, **more: object) -> str:
    """The page; to htmx, the list that filters change."""
    sought = Sought.of(request.args)
    page = paged(queries.lines(sought))
    shown = {
        "sought": sought, "page": page, "facts": facts.summed(page.items), "families": {k: v[0] for k, v in FAMILIES.items()},
        "endpoint": endpoint, "seen": queries.whose_network_shows(page.items), "most": export.MOST,
        "clients": queries.client_names(page.items) if g.viewer.workspace_id is None else {}, **more,
    }  # fmt: skip
    if request.headers.get("HX-Request") and not request.headers.get("HX-History-Restore-Request"):
        return render_template("workspaces/_journal_list.html", **shown)
    return render_template("workspaces/journal.html", names=queries.names(), **shown)


@bp.get("/journal")
@open_to(*OF_FIRM)
def firm() -> str:
    """An owner: what was done in the firm and with its clients. An advisor: what was done with their clients."""
    return _page("journal.firm", check=seals.last_check(), amended=seals.amended())


@bp.get("/journal.xlsx")
@open_to(*OF_FIRM)
def export_firm() -> Response:
    return download(export.workbook(Sought.of(request.args)), _("journal"))


@bp.get("/w/<workspace>/journal")
@open_to(*OF_CLIENT)
def client(workspace: str) -> str:
    return _page("journal.client")


@bp.get("/w/<workspace>/journal.xlsx")
@open_to(*OF_CLIENT)
def export_client(workspace: str) -> Response:
    return download(export.workbook(Sought.of(request.args)), _("journal"))
