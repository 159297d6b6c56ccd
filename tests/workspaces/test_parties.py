"""Who is invoiced for a client: several companies, one of them usual; whoever has an invoice stays."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest
from flask.testing import FlaskClient

from tests.cast import World

Connection = psycopg.Connection[tuple[object, ...]]
SignedIn = Callable[[str], FlaskClient]
OWNER = "owner@alpha.example"
HERE = "/alpha/w/alpha-a/settings/parties"
SECOND = {
    "name": "Filiale SARL", "siret": "73282932000074", "vat_number": "FR44732829320", "street": "2 rue", "postcode": "69001",
    "city": "Lyon", "einvoice_address": "732829320_73282932000074", "purchase_order": "BC-7",
}  # fmt: skip


def parties(superuser: Connection, world: World) -> dict[str, tuple[object, ...]]:
    rows = superuser.execute(
        "SELECT name, id, is_default, siret, einvoice_address, purchase_order FROM billing_party WHERE workspace_id = %s",
        (world.firms[0].companies[0].id,),
    )
    return {str(row[0]): row[1:] for row in rows}


@pytest.fixture
def second(world: World, signed_in: SignedIn, superuser: Connection) -> object:
    """A second company to invoice; its id."""
    assert signed_in(OWNER).post(f"{HERE}/new", data=SECOND).status_code == 303
    return parties(superuser, world)["Filiale SARL"][0]


def test_another_company_is_added_and_changed(world: World, signed_in: SignedIn, superuser: Connection, second: object) -> None:
    assert parties(superuser, world)["Filiale SARL"][1:] == (False, "73282932000074", "732829320_73282932000074", "BC-7")
    browser = signed_in(OWNER)
    assert 'value="BC-7"' in browser.get(f"{HERE}/{second}").get_data(as_text=True)
    assert browser.post(f"{HERE}/{second}", data={**SECOND, "name": "Filiale SAS", "purchase_order": ""}).status_code == 303
    assert parties(superuser, world)["Filiale SAS"][1:] == (False, "73282932000074", "732829320_73282932000074", "")


def test_one_is_usual_and_only_one(world: World, signed_in: SignedIn, superuser: Connection, second: object) -> None:
    for _ in range(2):
        assert signed_in(OWNER).post(f"{HERE}/{second}/default").status_code == 303
    assert [name for name, row in parties(superuser, world).items() if row[1]] == ["Filiale SARL"]


def test_a_company_without_an_invoice_is_deleted_and_one_with_an_invoice_stays(
    world: World, signed_in: SignedIn, superuser: Connection, second: object
) -> None:
    browser, first = signed_in(OWNER), world.firms[0].companies[0].ids["party_id"]
    answer = browser.post(f"{HERE}/{first}/delete", follow_redirects=True)
    assert "There are invoices to zq-alpha-a SAS: it stays" in answer.get_data(as_text=True)
    browser.post(f"{HERE}/{second}/default")
    assert browser.post(f"{HERE}/{second}/delete").status_code == 303
    assert browser.post(f"{HERE}/{second}/delete").status_code == 404
    left = parties(superuser, world)
    assert list(left) == ["zq-alpha-a SAS"] and left["zq-alpha-a SAS"][1] is True


def test_somebody_is_always_invoiced(world: World, signed_in: SignedIn, superuser: Connection) -> None:
    first = world.firms[0].companies[0].ids["party_id"]
    answer = signed_in(OWNER).post(f"{HERE}/{first}/delete", follow_redirects=True)
    assert "keeps at least one company" in answer.get_data(as_text=True) and len(parties(superuser, world)) == 1


@pytest.mark.parametrize(
    ("field", "value"), [("name", ""), ("siret", "123"), ("vat_number", "FR00732829320"), ("einvoice_address", "no way")]
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    world: World, signed_in: SignedIn, superuser: Connection, field: str, value: str
) -> None:
    answer = signed_in(OWNER).post(f"{HERE}/new", data={**SECOND, field: value})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and f'id="{field}-error"' in page and 'value="2 rue"' in page
    assert len(parties(superuser, world)) == 1


def test_a_party_of_another_client_is_not_there(world: World, signed_in: SignedIn) -> None:
    theirs = world.firms[0].companies[1].ids["party_id"]
    for path in (f"{HERE}/{theirs}", f"{HERE}/{theirs}/default", f"{HERE}/{theirs}/delete"):
        assert signed_in(OWNER).post(path, data=SECOND).status_code == 404
