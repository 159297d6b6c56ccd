"""No workbook of ours runs what somebody typed: 25 payloads in every text that an export can show."""

from __future__ import annotations

import io
import json
import unicodedata
from collections.abc import Callable, Iterator
from inspect import unwrap
from itertools import cycle
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import CheckConstraint, Text
from sqlalchemy.dialects.postgresql import JSONB
from werkzeug.routing import Rule

from saas.kit.tables import XLSX, safe_cell
from tenants.db import db
from tenants.queue import connection
from tests.cast import World
from tests.house.test_pages import everybody_who_may
from tests.house.test_pseudo import addresses

Connection = psycopg.Connection[tuple[object, ...]]
Sign = Callable[[str], FlaskClient]
PAYLOADS = (
    "=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1", "\n=1+1", " =1+1", "   +1", "\u00a0=1", "\u3000-1", "\ufeff=1", "\u200b=1",
    "\u202e@1", "＝1+1", "＋1", "－1", "＠A1", "=cmd|' /C calc'!A0", '=HYPERLINK("http://evil.example","x")', '=WEBSERVICE("http://evil.example")',
    "@=1", "+=1", "-=1", "=DDE(0)",
)  # fmt: skip


def is_formula(cell: Any) -> bool:
    """An oracle of its own: what Excel, LibreOffice and Sheets would compute once the text is a cell of a CSV as well."""
    if not isinstance(cell, str):
        return False
    bare = cell.lstrip(
        "".join(c for c in map(chr, range(0x3100)) if c.isspace() or unicodedata.category(c) in ("Cf", "Cc")) + "\ufeff"
    )
    return bare[:1] in set("=+-@＝＋－＠") or cell[:1] in set("\t\r\n")


@pytest.mark.parametrize("payload", PAYLOADS, ids=ascii)
def test_a_cell_is_never_a_formula(payload: str) -> None:
    assert is_formula(payload) and not is_formula(safe_cell(payload)) and safe_cell(payload).endswith(payload.strip()[1:])


def test_a_cell_is_otherwise_left_alone() -> None:
    for text in ("Anne-Marie", "1+1", "", "a@b.example", "’=", "12 %", "Ligne 1\nLigne 2"):
        assert safe_cell(text) == text
    assert safe_cell("\x00=1") == "'=1"
    assert len(PAYLOADS) == 25


def exports(app: Flask, world: World) -> list[tuple[Rule, str, str]]:
    return [
        (rule, path, method)
        for method in ("GET", "POST")
        for rule, path in addresses(app, world, method)
        if rule.rule.endswith(".xlsx")
    ]


def columns() -> Iterator[tuple[str, str, bool]]:
    """Every text of a firm or a client that no CHECK, no key and no reference holds: (table, column, whether it is JSON)."""
    for name, table in sorted(db.metadata.tables.items()):
        if "firm_id" not in table.c:
            continue
        checks = " ".join(str(c.sqltext) for c in table.constraints if isinstance(c, CheckConstraint))
        for column in table.c:
            if isinstance(column.type, JSONB) and column.name in ("title", "cells", "headers", "rows"):
                yield name, column.name, True
            elif (
                isinstance(column.type, Text) and column.name not in checks and not column.name.endswith(("hash", "token", "key"))
            ):
                yield name, column.name, False


def poisoned(value: Any, draw: Iterator[str]) -> Any:
    if isinstance(value, str):
        return next(draw) + value
    if isinstance(value, list):
        return [poisoned(v, draw) for v in value]
    if isinstance(value, dict):
        return {k: poisoned(v, draw) if k in ("fr", "en", "cells") else v for k, v in value.items()}
    return value


def poison(superuser: Connection, which: tuple[str, ...]) -> int:
    """Put one of these payloads before every text, in turn by row and column; returns how many columns took it."""
    taken, draw = 0, cycle(which)
    superuser.execute("SET session_replication_role = replica")
    for turn, (table, column, is_json) in enumerate(columns()):
        try:
            if is_json:
                for place, value in superuser.execute(f'SELECT ctid, "{column}" FROM "{table}"'.encode()).fetchall():  # noqa: S608
                    changed = json.dumps(poisoned(value, draw))
                    superuser.execute(f'UPDATE "{table}" SET "{column}" = %s WHERE ctid = %s'.encode(), (changed, place))  # noqa: S608
            else:
                one = f"(%s::text[])[1 + (abs(hashtext(ctid::text)) %% 997 + {turn}) %% {len(which)}]"
                superuser.execute(f'UPDATE "{table}" SET "{column}" = {one} || "{column}"'.encode(), (list(which),))  # noqa: S608
            taken += 1
        except psycopg.errors.IntegrityError:
            continue
    superuser.execute("SET session_replication_role = DEFAULT")
    return taken


def cells(book: bytes) -> Iterator[Any]:
    for sheet in load_workbook(io.BytesIO(book)).worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", cell.value
                yield cell.value


def test_no_export_of_the_url_map_holds_a_formula(app: Flask, world: World, signed_in: Sign, superuser: Connection) -> None:
    wanted, seen = exports(app, world), 0
    browsers = {who: signed_in(who) for who in {everybody_who_may(rule.endpoint) for rule, _p, _m in wanted}}
    assert len(wanted) >= 10
    for n in range(0, len(PAYLOADS), 7):
        payload = PAYLOADS[n : n + 7]
        assert poison(superuser, payload) > 60
        with app.app_context():
            connection().flushdb()
        for rule, path, method in wanted:
            answer = browsers[everybody_who_may(rule.endpoint)].open(path, method=method, data={"whole": "1"})
            body = answer.get_data()
            if method == "POST" and answer.mimetype != XLSX:
                continue
            assert answer.status_code == 200 and answer.mimetype == XLSX, (payload, rule.rule, answer.status_code)
            found = list(cells(body))
            bad = [cell for cell in found if is_formula(cell)]
            assert not bad, (payload, rule.rule, bad[:3])
            seen += sum(isinstance(cell, str) and cell.startswith("'") for cell in found)
    assert seen > 400, "the payloads do not reach the exports any more"


def test_every_workbook_of_the_product_is_such_an_address(app: Flask) -> None:
    """An export under another kind of address would not be looked at above."""
    nothing = compile("0", "", "eval")
    names = {e: getattr(unwrap(view), "__code__", nothing).co_names for e, view in app.view_functions.items()}
    makers = [endpoint for endpoint, used in names.items() if "download" in used]
    rules = {rule.endpoint: rule.rule for rule in app.url_map.iter_rules()}
    others = {e for e in makers if not rules[e].endswith(".xlsx")}
    assert others <= {"certificates.download", "imports.sample"}, others
