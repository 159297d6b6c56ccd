"""A form writes what it shows: each is sent as a browser sends it, with every column of every table slipped in beside."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import psycopg
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import BigInteger, Boolean, Date, DateTime, Integer, Uuid
from werkzeug.exceptions import HTTPException

from tenants.db import db
from tenants.queue import connection
from tests.cast import World
from tests.conftest import ROOT
from tests.door.digests import differing, digests
from tests.door.forms import Form, Forms
from tests.house.test_pages import everybody_who_may
from tests.house.test_pseudo import addresses

Connection = psycopg.Connection[tuple[object, ...]]
Sign = Callable[[str], FlaskClient]
# Values that nothing else in the database has.
ID, NUMBER, TEXT, DAY = "deadbeef-dead-4ead-8ead-deadbeefdead", "987654321", "zz-slipped-in", "2001-02-03"
MARKS = re.compile("|".join((ID, NUMBER, TEXT, DAY)))
# What rules over others: who somebody is, whose a row is, how a firm and a client stand.
RULING = (
    "SELECT 'staff', id, roles::text, limited::text, account_id::text, left_at::text FROM staff",
    "SELECT 'member', id, roles::text, hr_sites::text, account_id::text, '' FROM member",
    "SELECT 'firm', id, state, is_demo::text, coalesce(stripe_account, ''), slug FROM firm",
    "SELECT 'workspace', id, state, slug, firm_id::text, coalesce(archived_at::text, '') FROM workspace",
)  # fmt: skip
# What the same address takes from another form of it: the reason of a session that is cancelled.
TAKEN = {"sessions.move": {"reason"}}
# Acts that are about just that, and pages that end what the others need: last.
ENDING = re.compile(
    r"sign-out|^identity|second-factor|/-/|archive|leave|left|remove|revoke|withdraw|restore|cancel|delete|drop|discard|retire|end$"
)


def slipped_in() -> dict[str, str]:
    """Every column of every table, with a value of its type that would be seen; and what attackers try besides."""
    found: dict[str, str] = {}
    for table in db.metadata.tables.values():
        for column in table.c:
            kind = column.type
            found[column.name] = (
                ID if isinstance(kind, Uuid) else NUMBER if isinstance(kind, BigInteger | Integer) else DAY
                if isinstance(kind, DateTime | Date) else "1" if isinstance(kind, Boolean) else TEXT
            )  # fmt: skip
    return found | {
        "roles": "owner", "role": "owner", "is_admin": "1", "is_demo": "1", "admin": "true", "state": "suspended", "price": NUMBER,
        "tenant_id": ID, "user_id": ID, "account": ID, "owner": ID, "limited": "", "verified": "1", "fee": NUMBER,
    }  # fmt: skip


def ruling(superuser: Connection) -> dict[object, tuple[object, ...]]:
    return {row[1]: row for statement in RULING for row in superuser.execute(statement.encode()).fetchall()}


def marked(superuser: Connection) -> set[str]:
    """Where one of the values has landed."""
    parts = [f"SELECT '{name}', to_jsonb(t)::text FROM \"{name}\" t" for name in db.metadata.tables]  # noqa: S608
    rows = superuser.execute(" UNION ALL ".join(parts).encode()).fetchall()
    return {f"{table}: {row}" for table, row in rows if MARKS.search(str(row))}


def forms(app: Flask, world: World, browsers: dict[str, FlaskClient]) -> Iterator[tuple[str, str, Form]]:
    """(who, endpoint, form) of every form on every page, one of each kind; those that end something last."""
    seen, found = set(), []
    for rule, path in addresses(app, world, "GET"):
        who = everybody_who_may(rule.endpoint)
        answer = browsers[who].get(path)
        if answer.mimetype == "text/html":
            for form in Forms(answer.get_data(as_text=True), path).found:
                endpoint = endpoint_of(app, form.action)
                kind = (endpoint, tuple(sorted(form.names)))
                if endpoint and kind not in seen:
                    seen.add(kind)
                    found.append((who, endpoint, form))
        answer.close()
    return iter(sorted(found, key=lambda one: bool(ENDING.search(one[2].action) or ENDING.search(one[1]))))


def endpoint_of(app: Flask, action: str) -> str:
    path = action.partition("?")[0].removeprefix("/alpha")
    try:
        endpoint: str = app.url_map.bind("").match(path or "/", "POST")[0]
    except HTTPException:
        return ""
    return endpoint


def test_no_form_writes_what_it_does_not_show(app: Flask, world: World, signed_in: Sign, superuser: Connection) -> None:
    who_may = {everybody_who_may(rule.endpoint) for rule, _path in addresses(app, world, "GET")}
    browsers = {who: signed_in(who) for who in who_may}
    everything, sent, wrote, faults = slipped_in(), 0, set(), []
    before, known = digests(superuser), set[str]()
    for who, endpoint, form in forms(app, world, browsers):
        with app.app_context():
            connection().flushdb()
        names = form.names | TAKEN.get(endpoint, set()) | {name.partition("-")[0] for name in form.names}
        extra = {name: value for name, value in everything.items() if name not in names}
        ruled = ruling(superuser)
        query = {k: v for k, v in extra.items() if k not in ("page", "next", "q")}
        browsers[who].post(form.action, data={**extra, **form.data}, query_string=query).close()
        sent += 1
        if differing(before, after := digests(superuser)):
            wrote.add(endpoint)
            before = after
            changed = {k: (ruled[k], v) for k, v in ruling(superuser).items() if k in ruled and v != ruled[k]}
            if landed := marked(superuser) - known:
                faults.append((endpoint, sorted(landed)[:3]))
                known |= landed
            if changed and not (form.names & {"roles", "limited", "on"} or ENDING.search(form.action)):
                faults.append((endpoint, [str(change) for change in changed.values()][:3]))
    assert not faults, faults
    assert sent > 60 and len(wrote) > 45, (sent, sorted(wrote))


def test_nothing_fills_a_row_from_whatever_is_sent() -> None:
    bad = re.compile(
        r"populate_obj|\*\*request\.(form|values)\b|\*\*dict\(request|request\.(form|values)\.to_dict\(\)\)|get_json"
    )
    users = [str(path.relative_to(ROOT)) for path in sorted((ROOT / "saas").rglob("*.py")) if bad.search(path.read_text())]
    assert not users, f"{users}: name the fields that are written, one by one"
