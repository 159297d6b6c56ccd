"""The journal as a workbook, as it is narrowed."""

from __future__ import annotations

import io

import openpyxl
from flask_babel import gettext as _

from saas.kit import formats, journal
from saas.kit.clock import PARIS
from saas.kit.tables import safe_cell, saved
from saas.workspaces.journal import facts, queries
from tenants.db import db

MOST = 20_000
WIDTHS = (18, 24, 44, 44, 26, 34)


def workbook(sought: queries.Sought) -> io.BytesIO:
    """Firm or workspace scope: the newest 20,000 lines that fit, newest first, with their network where it may be read."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(_("Journal"))
    for number, width in enumerate(WIDTHS):
        sheet.column_dimensions[chr(ord("A") + number)].width = width
    sheet.freeze_panes = "A2"
    sheet.append([_("When (Paris)"), _("Who"), _("What"), _("Details"), _("Network address"), _("Number of the request")])
    rows = list(db.session.scalars(queries.lines(sought).limit(MOST)))
    seen = queries.whose_network_shows(rows)
    for row in rows:
        cells = (row.actor, formats.act(row), "; ".join(facts.in_words(row)))
        network = row.network if seen is None or row.actor_id in seen else ""
        sheet.append(
            [row.at.astimezone(PARIS).replace(tzinfo=None), *map(safe_cell, cells), safe_cell(network), safe_cell(row.request)]
        )
    journal.note("journal.exported", str(len(rows)))
    return saved(book)
