"""What the firm says of itself: every number is checked, nothing typed is lost, documents and enrolments follow."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import select
from werkzeug.test import TestResponse

from saas.billing import commands as billing
from saas.billing.models import Invoice
from saas.catalogue.models import SessionLink, TrainingSession
from saas.delivery import commands as delivery
from saas.enrolments.commands import enrolling as enrolments
from saas.identity.models import Member
from saas.kit import checks, documents, storage
from saas.kit.documents import Document
from saas.kit.errors import Refused
from saas.kit.i18n import reader_in
from saas.workspaces.commands import firm as commands
from saas.workspaces.queries import firm as queries
from tenants.db import db
from tenants.queue import drain
from tenants.scope import inside
from tests.cast import PICTURE, World

Superuser = psycopg.Connection[tuple[object, ...]]
OWNER = "owner@alpha.example"
IDENTITY = {
    "legal_name": "Alpha Formation", "legal_form": "SAS", "capital": "20 000,00", "siret": "732 829 320 00074",
    "activity_number": "84380123438", "activity_region": "Bretagne", "street": "2 rue", "postcode": "35000", "city": "Rennes",
    "email": "bonjour@alpha.example", "phone": "02 99 00 00 00", "website": "alpha.example",
}  # fmt: skip
BILLING = {
    "vat_regime": "exempt", "vat_attested_on": "2020-01-31", "vat_number": "FR44 732 829 320",
    "iban": "fr76 3000 6000 0112 3456 7890 189", "bic": "agrifrpp",
}  # fmt: skip
STEPS = {"days_0": "30", "percent_0": "0", "days_1": "10", "percent_1": "25", "days_2": "0", "percent_2": "100"}
Save = Callable[..., TestResponse]


@pytest.fixture
def save(world: World, signed_in: Callable[[str], FlaskClient]) -> Save:
    browser = signed_in(OWNER)

    def send(section: str, values: dict[str, Any], **changed: Any) -> TestResponse:
        return browser.post(f"/alpha/settings/{section}", data={**values, **changed}, content_type="multipart/form-data")

    return send


def profile(superuser: Superuser, *columns: str, firm: str = "alpha") -> tuple[object, ...]:
    row = superuser.execute(
        f"SELECT {', '.join(columns)} FROM firm_profile p JOIN firm f ON f.id = p.firm_id WHERE f.slug = %s",
        (firm,),  # type: ignore[arg-type]
    ).fetchone()
    assert row
    return row


def test_an_owner_fills_in_every_section_and_the_other_firm_is_as_it_was(save: Save, superuser: Superuser) -> None:
    before = profile(superuser, "p::text", firm="beta")
    texts = {
        "signatory": "Ada Roux",
        "signatory_title": "Présidente",
        "terms_fr": " CGV ",
        "terms_en": "",
        "internal_rules_fr": "RI",
    }
    for section, values in (("identity", IDENTITY), ("billing", BILLING), ("texts", texts), ("cancellation", STEPS)):
        answer = save(section, values)
        assert (answer.status_code, answer.location) == (303, f"/alpha/settings/{section}"), section
    said = profile(
        superuser, "siret", "capital_cents", "activity_number", "website", "iban", "bic", "vat_number", "vat_attested_on::text",
        "signatory_title", "terms", "internal_rules", "cancellation",
    )  # fmt: skip
    assert said == (
        "73282932000074", 2_000_000, "84 38 01234 38", "https://alpha.example", "FR7630006000011234567890189", "AGRIFRPP",
        "FR44732829320", "2020-01-31", "Présidente", {"fr": "CGV"}, {"fr": "RI"}, [[30, 0], [10, 25], [0, 100]],
    )  # fmt: skip
    assert profile(superuser, "p::text", firm="beta") == before
    acts = superuser.execute(
        "SELECT action, actor FROM journal WHERE action LIKE 'firm.%' AND actor <> 'Cordée' ORDER BY at"
    ).fetchall()
    assert acts == [(f"firm.{act}", "Alpha Owner") for act in ("described", "billed", "texts", "cancellation")]


WRONG = [
    ("identity", {"legal_name": ""}, "legal_name", "Enter the firm"), ("identity", {"siret": "73282932000075"}, "siret", "check digit"),
    ("identity", {"siret": "7328293200007"}, "siret", "check digit"), ("identity", {"activity_number": "84 38 1"}, "activity_number", "11 digits"),
    ("identity", {"email": "alpha@"}, "email", "such as"), ("identity", {"website": "javascript:alert(1)"}, "website", "such as"),
    ("identity", {"capital": "a lot"}, "capital", "amount"), ("billing", {"vat_attested_on": ""}, "vat_attested_on", "attestation"),
    ("billing", {"vat_attested_on": "2999-01-01"}, "vat_attested_on", "passed"), ("billing", {"vat_number": "FR45732829320"}, "vat_number", "wrong key"),
    ("billing", {"vat_number": "FR83404833048"}, "vat_number", "your SIREN"), ("billing", {"iban": "FR7630006000011234567890188"}, "iban", "check digits"),
    ("billing", {"iban": "FR76300060000112345678901"}, "iban", "length"), ("billing", {"bic": "AGRI"}, "bic", "8 or 11"),
    ("billing", {"vat_regime": "standard", "vat_number": ""}, "vat_number", "gives its VAT number"),
    ("billing", {"vat_regime": "none"}, "vat_regime", "Not a valid choice"), ("brand", {"colour": "red"}, "colour", "#0057b8"),
    ("cancellation", {"days_1": "40"}, "days_1", "go down"), ("cancellation", {"percent_2": "10"}, "percent_2", "go up"),
    ("cancellation", {"days_2": "1"}, "days_2", "day 0"), ("cancellation", {"percent_1": ""}, "percent_1", "Give both"),
    ("cancellation", {"percent_1": "101"}, "percent_1", "between 0 and 100"), ("cancellation", dict.fromkeys(STEPS, ""), "days_0", "day 0"),
]  # fmt: skip


@pytest.mark.parametrize(("section", "changed", "field", "said"), WRONG)
def test_what_cannot_be_right_is_said_by_its_field_and_nothing_is_lost(
    save: Save, superuser: Superuser, section: str, changed: dict[str, str], field: str, said: str
) -> None:
    before, values = (
        profile(superuser, "p::text"),
        {"identity": IDENTITY, "billing": BILLING, "cancellation": STEPS}.get(section, {}),
    )
    answer = save(section, values, **changed)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and profile(superuser, "p::text") == before
    message = page.split(f'id="{field}-error"')[1].split("</p>")[0]
    assert said in message and f'href="#{field}' in page
    for name in set(values) - set(changed) - {"vat_regime"}:
        assert f'value="{values[name]}"' in page, f"what was typed in {name} is kept"


def test_the_checks_take_what_banks_and_registers_print() -> None:
    assert checks.iban("GB82 WEST 1234 5698 7654 32") == "GB82WEST12345698765432"
    assert checks.fours("FR7630006000011234567890189").split("\u00a0")[-1] == "189"
    assert checks.vat_number("FR 44 732.829.320") == "FR44732829320"
    assert checks.activity_number("94 2A 00123 20") == "94 2A 00123 20"
    for check, bad in (
        (checks.iban, "FR76"), (checks.iban, "FR7630006000011234567890180"), (checks.bic, "AGRIFR"), (checks.siret, "x"),
        (checks.vat_number, "BE0123456789"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=bad[:4]):
            check(bad)


def test_what_is_missing_is_named_until_it_is_there(
    save: Save, superuser: Superuser, signed_in: Callable[[str], FlaskClient]
) -> None:
    superuser.execute("UPDATE firm_profile SET iban = '', signatory = ''")
    page = signed_in(OWNER).get("/alpha/settings").get_data(as_text=True)
    assert "Missing: IBAN." in page and page.count("Missing: name of who signs.") == 2
    assert 'href="/alpha/settings/billing#iban"' in page and 'href="/alpha/settings/texts#signatory"' in page
    save("billing", BILLING)
    save("texts", {"signatory": "Ada Roux"})
    page = signed_in(OWNER).get("/alpha/settings").get_data(as_text=True)
    assert "Missing" not in page and page.count("In order") == 3


def test_a_firm_that_has_said_nothing_yet_begins_here(
    save: Save, superuser: Superuser, signed_in: Callable[[str], FlaskClient]
) -> None:
    superuser.execute("DELETE FROM firm_profile")
    for section in ("identity", "billing", "brand", "texts", "cancellation"):
        assert signed_in(OWNER).get(f"/alpha/settings/{section}").status_code == 200
    assert save("cancellation", STEPS).status_code == 303
    assert profile(superuser, "legal_name", "cancellation") == ("", [[30, 0], [10, 25], [0, 100]])


def picture(content: bytes, name: str = "logo.png") -> dict[str, Any]:
    return {"colour": "#0057b8", "logo": (io.BytesIO(content), name)}


def test_the_logo_is_for_the_people_of_the_firm_and_of_its_clients(
    save: Save, world: World, signed_in: Callable[[str], FlaskClient]
) -> None:
    company = world.firms[0].companies[0]
    assert save("brand", picture(PICTURE)).status_code == 303
    browser = signed_in(OWNER)
    address = browser.get("/alpha/").get_data(as_text=True).split('class="rail-logo" src="')[1].split('"')[0]
    answer = browser.get(address)
    assert (answer.data, answer.mimetype, answer.headers["X-Content-Type-Options"]) == (PICTURE, "image/png", "nosniff")
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert browser.get("/alpha/logo").headers["Cache-Control"] == "private, no-cache"
    theirs = f"/alpha/w/{company.slug}/firm-logo"
    assert {signed_in(company.address(role)).get(theirs).status_code for role in ("hr", "sponsor", "participant")} == {200}
    assert (
        signed_in("owner@beta.example").get(theirs).status_code
        == signed_in("owner@beta.example").get("/alpha/logo").status_code
        == 404
    )
    assert signed_in(company.address("hr")).get("/alpha/logo").status_code == 404
    assert signed_in("").get("/alpha/logo").status_code == 303


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "logo.png", "kinds named here"), (b"GIF89a", "logo.gif", "kinds named here"),
        (PICTURE[:40], "logo.png", "damaged"), (b"\xff\xd8\xffnonsense", "logo.jpg", "damaged"),
    ],
)  # fmt: skip
def test_only_a_sound_png_or_jpeg_becomes_the_logo(
    save: Save, superuser: Superuser, content: bytes, name: str, said: str
) -> None:
    before = profile(superuser, "logo")
    answer = save("brand", picture(content, name))
    assert answer.status_code == 422 and said in answer.get_data(as_text=True) and profile(superuser, "logo") == before


def test_a_large_logo_is_refused_in_words(world: World, signed_in: Callable[[str], FlaskClient]) -> None:
    """Sent as one body: the test client would put it into a temporary file and leave it open."""
    part = b'--x\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'
    body = part % (b"colour", b"", b"#0057b8") + part % (b"logo", b'; filename="logo.png"', PICTURE + b"\0" * 512 * 1024)
    answer = signed_in(OWNER).post(
        "/alpha/settings/brand", data=body + b"--x--\r\n", content_type="multipart/form-data; boundary=x"
    )  # fmt: skip
    assert answer.status_code == 422 and "larger than 512 KB" in answer.get_data(as_text=True)


def test_a_save_without_a_file_keeps_the_logo_and_a_tick_takes_it_away(
    save: Save, superuser: Superuser, signed_in: Callable[[str], FlaskClient]
) -> None:
    assert save("brand", {"colour": "#ffd400"}).status_code == 303 and profile(superuser, "logo") != ("",)
    assert "documents use #" in signed_in(OWNER).get("/alpha/settings/brand").get_data(as_text=True)
    assert save("brand", {"colour": "#ffd400", "without_logo": "y"}).status_code == 303 and profile(superuser, "logo") == ("",)
    assert signed_in(OWNER).get("/alpha/logo").status_code == 404
    assert "rail-logo" not in signed_in(OWNER).get("/alpha/").get_data(as_text=True)


def pdf_of(kind: str) -> bytes:
    row = db.session.scalars(select(Document).where(Document.kind == kind)).first()
    assert row
    return documents.content_of(row)


def test_invoices_carry_the_logo_in_a_file_for_the_archive(app: Flask, world: World) -> None:
    with app.app_context():
        drain()
        with inside(world.firms[0].scope):
            invoice = db.session.scalars(select(Invoice).order_by(Invoice.number)).first()
            assert invoice and invoice.document_id
            pdf = documents.content_of(db.session.get_one(Document, invoice.document_id))
            frozen = invoice.frozen
            again = documents.render(billing.TEMPLATE, frozen, frozen["seller"]["logo"])
    assert len(PdfReader(io.BytesIO(pdf)).pages[0].images) == 1
    assert b"pdfaid:part>2<" in pdf.replace(b" ", b"") and again == pdf, "PDF/A-2, and the same bytes each time"


def test_an_invoice_keeps_the_logo_and_the_words_it_was_issued_with(
    app: Flask, world: World, save: Save, superuser: Superuser
) -> None:
    """Another logo and another regime the minute after, before the document is typeset."""
    save("brand", {"colour": "#0057b8", "without_logo": "y"})
    save("billing", BILLING, vat_regime="franchise", vat_attested_on="")
    with app.app_context():
        drain()
        with inside(world.firms[0].scope):
            page = PdfReader(io.BytesIO(pdf_of("invoice"))).pages[0]
    assert len(page.images) == 1 and "261, 4, 4°" in page.extract_text()


def test_a_firm_without_vat_says_so_and_charges_none(app: Flask, world: World, save: Save, superuser: Superuser) -> None:
    assert save("billing", BILLING, vat_regime="franchise", vat_attested_on="").status_code == 303
    superuser.execute("SET session_replication_role = replica")  # the trigger that keeps issued invoices sleeps
    superuser.execute("UPDATE invoice SET state = 'draft', number = NULL")
    superuser.execute("UPDATE invoice_line SET vat = 'standard' WHERE firm_id = %s", (world.firms[0].id,))
    a, b = (company.ids["invoice_id"] for company in world.firms[0].companies)
    with app.app_context():
        with pytest.raises(Refused, match="293 B"), inside(world.firms[0].scope):
            billing.issue(db.session.scalars(select(Invoice).where(Invoice.id == a)).one())
        superuser.execute("UPDATE invoice_line SET vat = 'exempt'")
        with inside(world.firms[0].scope):
            row = db.session.scalars(select(Invoice).where(Invoice.id == b)).one()
            billing.issue(row)
            assert (
                row.frozen["exemption"] == "TVA non applicable, art. 293 B du CGI" and row.frozen["seller"]["bic"] == "AGRIFRPP"
            )


def test_a_certificate_carries_the_logo_and_the_title_of_who_signs(app: Flask, world: World, superuser: Superuser) -> None:
    alpha = world.firms[0]
    superuser.execute("UPDATE enrolment SET state = 'attended'")
    superuser.execute("UPDATE firm_profile SET signatory_title = 'Gérante'")
    with app.app_context(), inside(alpha.scope):
        session = db.session.scalars(select(TrainingSession).where(TrainingSession.id == alpha.ids["session_id"])).one()
        assert delivery.certify(session) == 2
        page = PdfReader(io.BytesIO(pdf_of("certificate"))).pages[0]
    assert len(page.images) == 1 and "Somebody, Gérante" in page.extract_text()


def test_an_enrolment_freezes_the_terms_of_the_day(app: Flask, world: World, save: Save) -> None:
    company = world.firms[0].companies[0]

    def enrol(role: str) -> list[Any]:
        with inside(company.scope):
            link = db.session.scalars(select(SessionLink)).one()
            member = db.session.scalars(select(Member).where(Member.id == company.ids[f"member-{role}"])).one()
            return enrolments.enrol(link, [member]).seated[0].terms

    with app.app_context():
        assert enrol("participant") == [[15, 0], [5, 50], [0, 100]]
    assert save("cancellation", STEPS).status_code == 303
    with app.app_context():
        assert enrol("sponsor") == [[30, 0], [10, 25], [0, 100]]


@pytest.mark.parametrize(
    ("steps", "english", "last"),
    [
        ([[15, 0], [5, 50], [0, 100]], "Free of charge until 15 days before the start.", "100% of the price from 4 days before, until the start."),
        ([[0, 0]], "Free of charge until the start.", "Free of charge until the start."),
        ([[0, 30]], "30% of the price, whenever one withdraws.", "30% of the price, whenever one withdraws."),
        ([[2, 10], [1, 50], [0, 100]], "10% of the price until 2 days before the start.", "100% of the price on the day itself."),
    ],
)  # fmt: skip
def test_terms_are_read_as_sentences(app: Flask, steps: list[list[int]], english: str, last: str) -> None:
    with app.test_request_context("/"):
        with reader_in("en"):
            said = queries.sentences(steps)
            assert (said[0], said[-1]) == (english, last)
        with reader_in("fr"):
            assert queries.sentences([[15, 0], [5, 50], [0, 100]])[1] == "50\u00a0% du prix de 14 jours à 5 jours avant."


def test_a_logo_that_was_replaced_stays_for_the_documents_that_name_it(app: Flask, world: World) -> None:
    with app.app_context(), inside(world.firms[0].scope):
        before = queries.own_profile()
        assert before
        key = before.logo
        with app.test_request_context("/"):
            assert key.endswith(".png") and Path(key).parts[0] == str(world.firms[0].id)
        commands.brand("#0057b8", (PICTURE, ".png"))
        assert storage.get(key) == PICTURE
