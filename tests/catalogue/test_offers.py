"""Offers: terms per client, versions that stay, programmes made for one client that no other ever sees."""

from __future__ import annotations

import datetime as dt
import io
import threading
from collections.abc import Callable
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from saas.catalogue.commands import offers, programmes, sessions, versions
from saas.catalogue.commands.offers import Terms
from saas.catalogue.models import Offer, ProgrammeVersion, TrainingSession
from saas.catalogue.queries import offers as queries
from saas.kit.clock import today
from saas.kit.errors import Refused
from tenants.db import db, new_id
from tenants.scope import inside
from tests.cast import Company, FirmCast, World, a_session
from tests.catalogue.programmes import wording
from tests.isolation.test_stranger import rules

Enter = Callable[[str], FlaskClient]
SECRET = "Zq made to measure"


@pytest.fixture
def firm(app: Flask, world: World) -> FirmCast:
    return world.firms[0]


def published(firm: FirmCast, reference: str = "ZX-1", title: str = "Élever le débat", **facts: object) -> UUID:
    with inside(firm.scope):
        return versions.publish(programmes.create(reference, wording(title, **facts))).id


def tailored(firm: FirmCast, company: Company) -> UUID:
    """A programme that is company's alone, in its catalogue, with a session open to it."""
    with inside(firm.scope):
        version = programmes.create("ZX-T", wording(SECRET))
        programmes.show_to(version, "tailored", company.id)
        versions.publish(version)
        offers.offer(version, company.id, 240_000, "group")
        sessions.link(a_session(version), company.id, 240_000, "group")
        return version.id


def words(content: bytes) -> str:
    """What an answer says, a PDF too."""
    if content.startswith(b"%PDF"):
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    return content.decode(errors="replace")


def offer_of(version_id: UUID, company: Company) -> Offer:
    programme = select(ProgrammeVersion.programme_id).where(ProgrammeVersion.id == version_id).scalar_subquery()
    return db.session.scalars(select(Offer).where(Offer.programme_id == programme, Offer.workspace_id == company.id)).one()


def test_several_clients_get_it_at_once_each_on_these_terms(app: Flask, firm: FirmCast, signed_in: Enter) -> None:
    with app.app_context():
        version_id = published(firm)
    owner = signed_in("owner@alpha.example")
    path = f"/alpha/programmes/{version_id}/offers"
    typed = {
        "price": "1 050,50",
        "basis": "group",
        "starts_on": "2026-01-01",
        "until_on": "2099-12-31",
        "title_en": "Our own way",
    }
    assert owner.post(path, data=typed).status_code == 422, "nobody is ticked"
    assert owner.post(path, data={**typed, "clients": [str(c.id) for c in firm.companies]}).status_code == 303
    assert owner.post(path, data={**typed, "price": "900", "clients": [str(firm.companies[0].id)]}).status_code == 303
    with app.app_context(), inside(firm.scope):
        first, second = (offer_of(version_id, company) for company in firm.companies)
        assert (first.price_cents, second.price_cents) == (90_000, 105_050), "offered again, the terms are new; one row a client"
        assert second.basis == "group" and second.title == {"en": "Our own way"} and second.until_on == dt.date(2099, 12, 31)
        offer_id = second.id
    page = signed_in("hr@alpha-b.example").get(f"/alpha/w/alpha-b/programmes/{offer_id}").get_data(as_text=True)
    assert "Our own way" in page and "€1,050.50 per group" in page and "1,150" not in page


def test_an_offer_is_changed_and_ended(app: Flask, firm: FirmCast, signed_in: Enter) -> None:
    company, owner = firm.companies[0], signed_in("owner@alpha.example")
    hr, path = signed_in("hr@alpha-a.example"), f"/alpha/offers/{firm.companies[0].ids['offer_id']}"
    assert (
        owner.post(path, data={"price": "10", "basis": "seat", "starts_on": "2026-05-02", "until_on": "2026-05-01"}).status_code
        == 422
    )
    assert owner.post(path, data={"price": "1 234", "basis": "seat", "title_en": "Ours"}).status_code == 303
    client_path = f"/alpha/w/alpha-a/programmes/{company.ids['offer_id']}"
    assert "€1,234.00 per seat" in hr.get(client_path).get_data(as_text=True)
    assert "Ours" in hr.get("/alpha/w/alpha-a/programmes?q=OURS").get_data(as_text=True)
    for _ in range(2):
        assert owner.post(f"{path}/end").status_code == 303
    assert hr.get(client_path).status_code == 404 and hr.get(f"{client_path}/programme.pdf").status_code == 404
    assert "Ours" not in hr.get("/alpha/w/alpha-a/programmes").get_data(as_text=True)
    owner.post(path, data={"price": "1", "basis": "seat"})
    with app.app_context(), inside(firm.scope):
        assert queries.offer_of(company.ids["offer_id"]).price_cents == 123_400


@pytest.mark.parametrize(
    ("starts", "until", "seen"), [(0, 0, True), (1, 9, False), (-9, -1, False), (-9, 9, True), (None, None, True)]
)
def test_an_offer_lives_between_its_days(
    app: Flask, firm: FirmCast, signed_in: Enter, starts: int | None, until: int | None, seen: bool
) -> None:
    def day(number: int | None) -> dt.date | None:
        return None if number is None else today() + dt.timedelta(days=number)

    with app.app_context():
        version_id = published(firm, title="Zig zag")
        with inside(firm.scope):
            version = db.session.get_one(ProgrammeVersion, (firm.id, version_id))
            row = offers.offer_to(version, [firm.companies[0].id], Terms(1, "seat", day(starts), day(until)))[0]
            offer_id = row.id
    hr = signed_in("hr@alpha-a.example")
    assert ("Zig zag" in hr.get("/alpha/w/alpha-a/programmes").get_data(as_text=True)) is seen
    for path in (f"/{offer_id}", f"/{offer_id}/programme.pdf", f"/of/{version_id}"):
        assert hr.get(f"/alpha/w/alpha-a/programmes{path}").status_code == (200 if seen else 404), path


def test_a_client_keeps_its_version_until_somebody_renews(app: Flask, firm: FirmCast, signed_in: Enter) -> None:
    company, owner = firm.companies[0], signed_in("owner@alpha.example")
    with app.app_context(), inside(firm.scope):
        version = db.session.get_one(ProgrammeVersion, (firm.id, firm.ids["version_id"]))
        versions.publish(versions.save(version, wording("Le nouveau", price_seat_cents=200_000), version.revision))
    hr, path = signed_in("hr@alpha-a.example"), f"/alpha/offers/{company.ids['offer_id']}"
    client_path = f"/alpha/w/alpha-a/programmes/{company.ids['offer_id']}"
    assert "Committed manager" in hr.get(client_path).get_data(as_text=True)
    page = owner.get(path).get_data(as_text=True)
    assert "Renew to version 2" in page and "Le nouveau" in page and "€2,000.00" in page
    assert owner.post(f"{path}/renew").status_code == 303
    page = hr.get(client_path).get_data(as_text=True)
    assert "Le nouveau (en)" in page and "€1,000.00 per seat" in page, "the client's price stays"
    with app.app_context(), inside(firm.scope):
        programmes.retire(db.session.get_one(ProgrammeVersion, (firm.id, firm.ids["version_id"])))
        with pytest.raises(Refused, match="retiré"):
            offers.renew(queries.offer_of(company.ids["offer_id"]))


def test_a_tailored_programme_is_offered_to_nobody_else(app: Flask, firm: FirmCast, signed_in: Enter) -> None:
    mine, other = firm.companies
    with app.app_context():
        version_id = tailored(firm, mine)
        with inside(firm.scope):
            version = db.session.get_one(ProgrammeVersion, (firm.id, version_id))
            for companies in ([other.id], [mine.id, other.id]):
                with pytest.raises(Refused, match="sur mesure"):
                    offers.offer_to(version, companies, Terms(1))
    page = signed_in("owner@alpha.example").get(f"/alpha/programmes/{version_id}/offers").get_data(as_text=True)
    assert str(mine.id) in page and str(other.id) not in page
    answer = signed_in("owner@alpha.example").post(
        f"/alpha/programmes/{version_id}/offers", data={"price": "1", "basis": "seat", "clients": [str(other.id)]}
    )
    assert answer.status_code == 422


def test_the_database_holds_a_tailored_programme_to_its_client(app: Flask, firm: FirmCast) -> None:
    """Whatever the code forgets: no offer, no session link for another client, and no move of one that is there."""
    mine, other = firm.companies
    with app.app_context():
        version_id = tailored(firm, mine)
        with pytest.raises(DBAPIError, match="row-level security"), inside(firm.scope):
            version = db.session.get_one(ProgrammeVersion, (firm.id, version_id))
            row = Offer(
                id=new_id(), workspace_id=other.id, programme_id=version.programme_id, version_id=version_id, price_cents=1
            )
            db.session.add(row)
            db.session.flush()
        with pytest.raises(DBAPIError, match="row-level security"), inside(firm.scope):
            row = offer_of(firm.ids["version_id"], other)
            version = db.session.get_one(ProgrammeVersion, (firm.id, version_id))
            values = {"version": version.id, "programme": version.programme_id, "id": row.id}
            db.session.execute(text("UPDATE offer SET version_id = :version, programme_id = :programme WHERE id = :id"), values)
        with pytest.raises(DBAPIError, match="row-level security"), inside(firm.scope):
            session = db.session.scalars(select(TrainingSession).where(TrainingSession.version_id == version_id)).one()
            sessions.link(session, other.id, 1)


def test_a_programme_that_others_have_is_not_made_one_clients_own(app: Flask, firm: FirmCast) -> None:
    with app.app_context(), inside(firm.scope):
        version = db.session.get_one(ProgrammeVersion, (firm.id, firm.ids["version_id"]))
        with pytest.raises(Refused, match="catalogue"):
            programmes.show_to(version, "tailored", firm.companies[0].id)
        offers.end(offer_of(version.id, firm.companies[1]))
        programmes.show_to(version, "tailored", firm.companies[0].id)
        assert version.programme.tailored_for == firm.companies[0].id
        programmes.show_to(version, "offered")
        assert version.programme.tailored_for is None


@pytest.mark.parametrize("role", ["hr", "sponsor", "participant"])
def test_a_tailored_programme_reaches_no_other_client_by_any_address(
    app: Flask, firm: FirmCast, signed_in: Enter, role: str
) -> None:
    mine, other = firm.companies
    with app.app_context():
        version_id = tailored(firm, mine)
        with inside(firm.scope):
            offer_id = offer_of(version_id, mine).id
    stranger, ids = signed_in(other.address(role)), {"offer_id": offer_id, "version_id": version_id}
    probed = 0
    for rule in rules(app):
        values = {**firm.ids, **other.ids, "workspace": other.slug, "slug": "zq-made-to-measure", "lang": "fr", **ids}
        if not rule.arguments <= values.keys() or "GET" not in (rule.methods or ()):
            continue
        path = "/alpha" + app.url_map.bind("").build(rule.endpoint, {name: values[name] for name in rule.arguments})
        answer = stranger.get(path)
        assert SECRET not in words(answer.get_data()), path
        if rule.arguments & ids.keys():
            assert answer.status_code in (403, 404), path
        probed += 1
    for path in (
        "/alpha/w/alpha-b/search?q=zq",
        "/alpha/w/alpha-b/programmes?q=zq",
        "/alpha/w/alpha-b/",
        "/alpha/catalogue",
        "/alpha/sitemap.xml",
    ):
        assert SECRET not in stranger.get(path).get_data(as_text=True), path
    assert probed > 30
    own = signed_in(mine.address(role))
    assert SECRET in own.get("/alpha/w/alpha-a/programmes").get_data(as_text=True), "the probe can see it"


def test_two_who_offer_the_same_at_once_make_one_offer(app: Flask, firm: FirmCast) -> None:
    company = firm.companies[0]
    with app.app_context():
        version_id = published(firm)
    start, faults = threading.Barrier(2), []

    def press(price: int) -> None:
        try:
            with app.app_context(), inside(firm.scope):
                version = db.session.get_one(ProgrammeVersion, (firm.id, version_id))
                start.wait(10)
                offers.offer(version, company.id, price, "seat")
        except Exception as error:  # noqa: BLE001  # told to the test
            faults.append(error)

    threads = [threading.Thread(target=press, args=(price,)) for price in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    with app.app_context(), inside(firm.scope):
        assert offer_of(version_id, company).price_cents in (1, 2)


def test_whoever_has_a_session_reads_its_programme_after_the_offer_ended(app: Flask, firm: FirmCast, signed_in: Enter) -> None:
    """A participant's page of a programme with no offer shows no price, and a cancelled date is no date to come."""
    company = firm.companies[0]
    with app.app_context(), inside(firm.scope):
        offers.end(queries.offer_of(company.ids["offer_id"]))
    person = signed_in(company.address("participant"))
    page = person.get(f"/alpha/w/alpha-a/programmes/of/{firm.ids['version_id']}").get_data(as_text=True)
    assert "Committed manager" in page and "€" not in page and f"/sessions/{company.ids['link_id']}" in page
    assert str(firm.ids["session_id"]) not in page


def test_the_clients_page_leads_to_an_offer(app: Flask, firm: FirmCast, signed_in: Enter) -> None:
    company, owner = firm.companies[0], signed_in("owner@alpha.example")
    with app.app_context():
        version_id = published(firm)
    assert f"/alpha/programmes?client={company.id}" in owner.get("/alpha/w/alpha-a/programmes").get_data(as_text=True)
    page = owner.get(f"/alpha/programmes?client={company.id}").get_data(as_text=True)
    assert f"/alpha/programmes/{version_id}/offers?client={company.id}" in page
    page = owner.get(f"/alpha/programmes/{version_id}/offers?client={company.id}").get_data(as_text=True)
    assert "checked" in page.split(f'value="{company.id}"')[0].rsplit("<input", 1)[1]
