"""What people type is text: no name, title or message becomes markup on anybody's page, refusals included."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import lazy_gettext
from markupsafe import Markup, escape

from tests.cast import World
from tests.house.test_pages import everybody_who_may
from tests.house.test_pseudo import addresses

TYPED = {
    "actor", "asked_by", "body", "city", "department", "direction", "filename", "first_name", "invited_by", "job_title", "label",
    "last_name", "legal_name", "line_manager", "name", "purchase_order", "site", "street", "subject", "title", "trade", "venue",
}  # fmt: skip
TAG, HARMLESS = "<zz>", "&lt;zz&gt;"


@pytest.fixture
def tagged(world: World, superuser: psycopg.Connection[tuple[object, ...]]) -> None:
    """A tag at the end of whatever people typed, in every table (nobody types the schedule, and it outlives a test)."""
    columns = superuser.execute(
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name <> 'schedule' AND data_type IN ('text', 'character varying') AND column_name = ANY (%s)",
        (sorted(TYPED),),
    ).fetchall()
    superuser.execute("SET session_replication_role = replica")
    for table, column in columns:
        superuser.execute(f'UPDATE "{table}" SET "{column}" = "{column}" || %s', (TAG,))  # type: ignore[arg-type]
    superuser.execute("SET session_replication_role = origin")


@pytest.mark.usefixtures("tagged")
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nothing_typed_is_markup_on_any_page(
    app: Flask, world: World, signed_in: Callable[[str], FlaskClient], method: str
) -> None:
    faults, harmless = [], 0
    for rule, path in addresses(app, world, method):
        answer = signed_in(everybody_who_may(rule.endpoint)).open(path, method=method, follow_redirects=True)
        if answer.mimetype == "text/html":
            harmless += HARMLESS in answer.text
            if TAG in answer.text:
                faults.append((method, rule.rule))
    assert not faults and harmless > 30, (faults, harmless)


@pytest.mark.usefixtures("tagged")
def test_a_refusal_quotes_a_name_as_text(world: World, signed_in: Callable[[str], FlaskClient]) -> None:
    company = world.companies[0]
    page = f"/alpha/w/{company.slug}/people/{company.ids['member-participant']}/invitation"
    said = signed_in(company.address("hr")).post(page, follow_redirects=True).text
    assert HARMLESS in said and TAG not in said


def test_a_lazy_text_is_no_safe_markup(app: Flask) -> None:
    """Flask-Babel's lazy texts call themselves safe HTML (``__html__``); with names filled in, they are not."""
    with app.test_request_context("/"):
        lazy = lazy_gettext("%(name)s is here already.", name=TAG)
        assert TAG not in escape(lazy) and TAG not in Markup("<p>%s</p>") % lazy
        assert TAG not in app.jinja_env.from_string("{{ x }}{{ '' ~ x }}").render(x=lazy)
