"""People from pasted addresses, in any of the shapes that mail programs copy."""

from __future__ import annotations

import re
from email.utils import getaddresses

from flask_babel import lazy_gettext as _l

from saas.kit.errors import Refused
from saas.workspaces.imports import reading, tables
from saas.workspaces.imports.tables import Table, clean
from saas.workspaces.imports.vocabulary import known_headers

NAMED = re.compile(r"(?P<name>[^()<>]*)\((?P<address>[^()]+@[^()]+)\)")
# A semicolon, or a comma that is not within a name such as "Roux, Ana" <ana@…>.
BETWEEN = re.compile(r";|,(?=\s*$)|,(?=[^\"<]*(?:@|<))(?![^\"]*\"\s*<)")
SPREADSHEET = re.compile(r"\t")


def read(text: str) -> Table:
    """The table of what was pasted: cells copied from a spreadsheet, or addresses. Raises Refused when it is empty.

    Pasted addresses are numbered one by one: several may share a line.
    """
    if SPREADSHEET.search(text):
        return _cells(text)
    rows: tables.Lines = []
    for text_line in text.splitlines():
        for part in BETWEEN.split(text_line):
            entry = clean(part).strip(",; ")
            if entry:
                rows.append((len(rows) + 1, list(_person(entry))))
    if not rows:
        raise Refused(_l("Paste at least one address."), "pasted")
    return Table(["Nom complet", "E-mail"], rows, {"pasted": True, "blank": 0})


def _cells(text: str) -> Table:
    table = reading.read("", text.encode())
    if table.details.get("header_line") is not None and known_headers(table.headers) < 1:
        raise Refused(_l("Paste at least one address."), "pasted")
    table.details["pasted"] = True
    return table


def _person(entry: str) -> tuple[str, str]:
    entry = entry.removeprefix("mailto:")
    if match := NAMED.match(entry):
        return clean(match["name"]), clean(match["address"])
    name, address = getaddresses([entry])[0] if "<" in entry else ("", entry)
    if not name and " " in address and "@" in address:
        words = address.split()
        address = next(word for word in words if "@" in word)
        name = " ".join(word for word in words if word is not address)
    return name, address
