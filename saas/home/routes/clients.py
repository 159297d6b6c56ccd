"""The list of clients: drawn on the console's page, and as a workbook."""

from __future__ import annotations

from typing import Any

import openpyxl
from flask import g, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from saas.home import directory
from saas.home.routes.pages import bp
from saas.home.standing import words
from saas.kit.access import DESK, open_to
from saas.kit.panels import panel
from saas.kit.tables import download, safe_cell, saved

bp.add_app_template_filter(words, "client_standing")


@panel("clients")
def listed(**_context: Any) -> str:
    asked = directory.wanted(request.args)
    cities, trades = directory.choices()
    return render_template(
        "home/clients.html", asked=asked, page=directory.page(asked, request.args.get("page", 1, type=int)), cities=cities,
        trades=trades, pinned={pin.id for pin in g.viewer.rail.pins},
    )  # fmt: skip


@bp.get("/clients.xlsx")
@open_to(*DESK)
def export_clients() -> Response:
    """The list as it is filtered and sorted. Amounts are numbers, in euros."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(_("Clients"))
    sheet.append([
        _("Client"), _("SIREN"), _("City"), _("Trade"), _("People"), _("Open sessions"), _("Seats taken"), _("Seats"),
        _("Messages, 8 weeks"), _("To invoice, excl. VAT"), _("Owed"), _("Late"), _("State"),
    ])  # fmt: skip
    for row in directory.everything(directory.wanted(request.args)):
        own = row.workspace
        texts = [safe_cell(text) for text in (own.name, own.siren, own.city, own.trade)]
        amounts = [cents / 100 for cents in (row.to_invoice, row.due, row.late)]
        sheet.append([*texts, row.people, row.sessions, row.taken, row.capacity, sum(row.rhythm), *amounts, words(row.standing)])
    return download(saved(book), _("clients"))
