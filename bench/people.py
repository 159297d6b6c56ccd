"""A large group's export of people, as its HR tool would give it: the same each time."""

from __future__ import annotations

import csv
import io

import openpyxl

FIRST = ("Amandine", "Chloé", "Olivier", "Ulysse", "Zoé", "Rémi", "Hélène", "Björn", "Anne-Sophie", "Mickaël")
LAST = ("QUÉRÉ", "BŒUF", "YTHIER", "MÜLLER", "LE GOFF", "D'HÉROUVILLE", "ÇELIK", "PÉREZ", "NOËL", "TRAORÉ")
JOBS = ("Manager de proximité", "Cheffe de projet", "Directeur de site", "Responsable d'atelier")


def export(people: int = 10_000) -> bytes:
    """A CSV of `people` rows of eight columns, semicolons, Windows-1252."""
    lines = ["MATRICULE;NOM;PRENOM;EMAIL;DIRECTION;SITE;EMPLOI;MATRICULE MANAGER"]
    for n in range(people):
        first, last = FIRST[n % 10], LAST[n // 10 % 10]
        manager = 100_000 + n // 12
        lines.append(
            f"{100_000 + n};{last};{first};p{n}@grand-groupe.example;Direction {n % 40:02};Site {n % 25:02};{JOBS[n % 4]};{manager}"
        )
    return "\r\n".join(lines).encode("cp1252")


def workbook(people: int = 10_000) -> bytes:
    """The same as an .xlsx."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Managers")
    for row in csv.reader(io.StringIO(export(people).decode("cp1252")), delimiter=";"):
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
