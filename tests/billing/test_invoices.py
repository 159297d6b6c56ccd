"""Money: gapless numbers, final invoices, payments counted once, webhooks that are really signed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select
from sqlalchemy.exc import DBAPIError

from saas.billing import commands, queries
from saas.billing.models import Invoice, InvoiceLine
from saas.catalogue.models import TrainingSession
from saas.kit.documents import content_of
from saas.kit.errors import Refused
from saas.kit.i18n import reader_in
from saas.sandbox.stripe import signature
from tenants.db import db, new_id
from tenants.queue import drain
from tenants.scope import inside
from tests.cast import World

Connection = psycopg.Connection[tuple[object, ...]]
SECRET = "whsec_sandbox"


def draft(world: World, cents: int = 10_000, vat: str = "exempt") -> Invoice:
    """Firm scope: a draft by hand for the first company."""
    company = world.companies[0]
    party = queries.invoice(company.ids["invoice_id"]).billing_party_id
    invoice = Invoice(id=new_id(), workspace_id=company.id, billing_party_id=party, title="By hand")
    commands._write(invoice, [("Something", 1, cents, vat)])
    return invoice


def test_numbers_have_no_gap_whatever_fails(app: Flask, world: World, superuser: Connection) -> None:
    firm = world.firms[0]

    def issue(n: int) -> None:
        with app.app_context():
            try:
                with inside(firm.scope):
                    commands.issue(draft(world))
                    if n % 3 == 0:
                        raise RuntimeError("something else went wrong")
            except RuntimeError:
                pass

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(issue, range(60)))
    rows = superuser.execute(
        "SELECT number FROM invoice WHERE firm_id = %s AND number LIKE 'F%%' ORDER BY 1", (firm.id,)
    ).fetchall()
    numbers = [int(str(row[0]).split("-")[1]) for row in rows]
    assert numbers == list(range(1, len(numbers) + 1)) and len(numbers) == 42


def test_an_issued_invoice_never_changes(app: Flask, world: World) -> None:
    firm, company = world.firms[0], world.companies[0]
    for change in ({"net_cents": 1}, {"number": "F0"}, {"state": "draft"}, {"title": "x"}):
        with app.app_context(), pytest.raises(DBAPIError, match="never changes|numbered"), inside(firm.scope):
            invoice = queries.invoice(company.ids["invoice_id"])
            for name, value in change.items():
                setattr(invoice, name, value)
    with app.app_context(), pytest.raises(DBAPIError, match="never deleted"), inside(firm.scope):
        db.session.execute(delete(Invoice).where(Invoice.id == company.ids["invoice_id"]))


@pytest.mark.parametrize(("language", "line", "credit"), [
    ("en", "per participant", "Credit note for"), ("fr", "par participant", "Avoir sur"),
])  # fmt: skip
def test_an_invoice_speaks_the_language_of_its_client(
    app: Flask, world: World, superuser: Connection, language: str, line: str, credit: str
) -> None:
    """Whoever prepares it, in whatever language they work."""
    firm, company = world.firms[0], world.companies[0]
    superuser.execute("SET session_replication_role = replica")
    superuser.execute("DELETE FROM invoice WHERE workspace_id = %s", (company.id,))
    superuser.execute("SET session_replication_role = DEFAULT")
    superuser.execute("UPDATE workspace SET language = %s WHERE id = %s", (language, company.id))
    with app.app_context(), inside(firm.scope):
        found = db.session.scalars(select(TrainingSession).where(TrainingSession.id == firm.ids["session_id"])).one()
        invoice = commands.prepare(found, company.id)
        commands.issue(invoice)
        assert line in invoice.lines[0].label
        assert commands.credit(invoice).title == f"{credit} {invoice.number}"


def test_a_firm_is_told_in_words_what_an_invoice_lacks(app: Flask, world: World, superuser: Connection) -> None:
    superuser.execute(
        "UPDATE firm_profile SET siret = '', postcode = '', signatory = '' WHERE firm_id = %s", (world.firms[0].id,)
    )
    with app.app_context(), pytest.raises(Refused, match="SIRET, code postal"), inside(world.firms[0].scope), reader_in("fr"):
        commands.issue(draft(world))


def test_issuing_twice_is_refused(app: Flask, world: World) -> None:
    with app.app_context(), pytest.raises(Refused), inside(world.firms[0].scope):
        commands.issue(queries.invoice(world.companies[0].ids["invoice_id"]))


def test_a_session_is_invoiced_once_per_client(app: Flask, world: World) -> None:
    from saas.catalogue.queries.sessions import session

    firm, company = world.firms[0], world.companies[0]
    with app.app_context(), inside(firm.scope):
        again = commands.prepare(session(firm.ids["session_id"]), company.id)
        assert again.id == company.ids["invoice_id"]


def test_the_document_says_what_the_law_asks(app: Flask, world: World) -> None:
    import io

    from pypdf import PdfReader

    firm, company = world.firms[0], world.companies[0]
    with app.app_context():
        drain()
        with inside(firm.scope):
            invoice = queries.invoice(company.ids["invoice_id"])
            assert invoice.document_id
            pdf = content_of(queries.document(invoice.document_id))
            text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
            text = " ".join(text.split())
            assert invoice.number and invoice.number in text
            for mention in ("261, 4, 4° a du CGI", "84 38 1", "73282932000074", "€40", "FR76 3000 6000 0112 3456 7890 189"):
                assert mention in text, mention


def test_a_standard_line_bears_vat(app: Flask, world: World) -> None:
    with app.app_context(), inside(world.firms[0].scope):
        invoice = draft(world, 10_050, "standard")
        assert (invoice.net_cents, invoice.vat_cents, invoice.total_cents) == (10_050, 2_010, 12_060)
        assert db.session.scalars(select(InvoiceLine).where(InvoiceLine.invoice_id == invoice.id)).one().vat == "standard"


def test_a_credit_note_settles_the_invoice(app: Flask, world: World) -> None:
    with app.app_context(), inside(world.firms[0].scope):
        invoice = queries.invoice(world.companies[0].ids["invoice_id"])
        note = commands.credit(invoice)
        db.session.refresh(invoice)
        assert note.total_cents == -invoice.total_cents and note.number and note.number.startswith("AV")
        assert queries.standing(invoice) == "credited" and invoice.due_cents == 0
        assert commands.credit(invoice).id == note.id


def test_the_same_payment_counts_once(app: Flask, world: World) -> None:
    with app.app_context(), inside(world.firms[0].scope):
        invoice = queries.invoice(world.companies[0].ids["invoice_id"])
        assert commands.pay(invoice, 40_000, "transfer", "t1") and not commands.pay(invoice, 40_000, "transfer", "t1")
        db.session.refresh(invoice)
        assert invoice.paid_cents == 40_000 and queries.standing(invoice) == "part-paid"


def webhook(client: FlaskClient, event: dict[str, object], secret: str = SECRET, at: int | None = None) -> int:
    body = json.dumps(event)
    headers = {"Stripe-Signature": signature(body, secret, at), "Content-Type": "application/json"}
    return client.post("/-/webhooks/stripe", data=body, headers=headers).status_code


def completed(world: World, event_id: str = "evt_1", account: str = "acct_alpha") -> dict[str, object]:
    return {
        "id": event_id, "object": "event", "type": "checkout.session.completed", "created": int(time.time()), "account": account,
        "data": {"object": {"id": "cs_test_1", "object": "checkout.session"}},
    }  # fmt: skip


def events(superuser: Connection) -> int:
    row = superuser.execute("SELECT count(*) FROM stripe_event").fetchone()
    return int(str(row[0])) if row else -1


def test_a_repeated_event_is_kept_once(app: Flask, world: World, client: FlaskClient, superuser: Connection) -> None:
    for _ in range(5):
        assert webhook(client, completed(world)) == 200
    assert events(superuser) == 1


@pytest.mark.parametrize(("secret", "shift"), [("whsec_wrong", 0), (SECRET, -400), (SECRET, 400)])
def test_a_webhook_that_is_not_signed_now_by_us_is_refused(
    app: Flask, world: World, client: FlaskClient, superuser: Connection, secret: str, shift: int
) -> None:
    assert webhook(client, completed(world), secret, int(time.time()) + shift) == 400
    assert events(superuser) == 0


def test_an_unsigned_webhook_is_refused(app: Flask, world: World, client: FlaskClient) -> None:
    assert client.post("/-/webhooks/stripe", data="{}").status_code == 400


def test_a_company_sees_issued_invoices_of_its_own_only(app: Flask, world: World) -> None:
    mine, other = world.companies[0], world.companies[1]
    with app.app_context():
        with inside(world.firms[0].scope):
            draft(world)
        with inside(mine.scope):
            assert [row.id for row in db.session.scalars(select(Invoice))] == [mine.ids["invoice_id"]]
            assert {line.workspace_id for line in db.session.scalars(select(InvoiceLine))} == {mine.id}
        with inside(other.scope):
            assert [row.id for row in db.session.scalars(select(Invoice))] == [other.ids["invoice_id"]]


def test_when_stripe_is_away_nothing_is_charged_and_it_is_said(
    app: Flask, world: World, signed_in: Callable[[str], FlaskClient]
) -> None:
    """The stand-in's address leads nowhere here: what Stripe's own silence looks like."""
    company = world.companies[0]
    page = f"/alpha/w/{company.slug}/invoices/{company.ids['invoice_id']}"
    browser = signed_in(company.address("hr"))
    answer = browser.post(f"{page}/pay", headers={"Referer": f"http://localhost{page}"})
    assert answer.status_code == 303 and answer.location == page
    assert "Nothing was charged" in browser.get(page).get_data(as_text=True)
