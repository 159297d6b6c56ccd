"""Programmes are written in both languages, in versions; nobody's words are lost, and nobody's version moves."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from saas.catalogue.commands import offers, programmes, versions
from saas.catalogue.commands.versions import Overtaken, Wording
from saas.catalogue.models import Offer, Programme, ProgrammeVersion, TrainingSession
from saas.catalogue.queries import programmes as queries
from saas.catalogue.queries.programmes import Wanted
from saas.kit.errors import Refused
from tenants.db import db
from tenants.scope import inside
from tests.cast import FirmCast, World
from tests.catalogue.programmes import FORM, newest, wording
from tests.house.test_pages import counted

Enter = Callable[[str], FlaskClient]


@pytest.fixture
def firm(app: Flask, world: World) -> FirmCast:
    return world.firms[0]


@pytest.fixture
def owner(signed_in: Enter, firm: FirmCast) -> FlaskClient:
    return signed_in("owner@alpha.example")


def test_a_programme_is_written_published_and_changed(app: Flask, firm: FirmCast, owner: FlaskClient) -> None:
    answer = owner.post(
        "/alpha/programmes/new", data={**FORM, "objectives_fr": "- Mener\r\n\r\n• Écrire", "objectives_en": "Lead"}
    )
    assert answer.status_code == 303
    with app.app_context(), inside(firm.scope):
        draft = newest("ZX-1")
        assert draft.texts["objectives"] == [{"fr": "Mener", "en": "Lead"}, {"fr": "Écrire"}]
        assert (draft.minutes, draft.price_seat_cents, draft.price_group_cents) == (840, 115_000, 0)
        assert draft.programme.state == "draft" and draft.published_at is None and draft.programme.slug == "elever-le-debat"
        first = draft.id
    assert owner.post(f"/alpha/programmes/{first}/publish").status_code == 303
    assert owner.post(f"/alpha/programmes/{first}/publish").status_code == 303, "done twice, it stays as it is"
    answer = owner.post(f"/alpha/programmes/{first}/edit", data={**FORM, "hours": "3,5", "title_en": ""})
    with app.app_context(), inside(firm.scope):
        second = newest("ZX-1")
        assert answer.location.endswith(f"/programmes/{second.id}")
        old = queries.version(first)
        assert (second.number, second.minutes, second.title) == (2, 210, {"fr": "Élever le débat"})
        assert old.is_current and not second.is_current and old.minutes == 840 and old.title["en"] == "Raising the debate"


def test_saving_nothing_new_starts_no_version(app: Flask, firm: FirmCast) -> None:
    with app.app_context(), inside(firm.scope):
        version = versions.publish(programmes.create("ZX-1", wording()))
        assert versions.save(version, Wording.of(version), version.revision) is version


def test_what_is_typed_survives_a_refusal(app: Flask, firm: FirmCast, owner: FlaskClient) -> None:
    typed = {**FORM, "title_fr": "", "title_en": "", "summary_fr": "Un résumé à garder", "modules-0-content_en": "Kept too",
             "hours": "many", "languages": []}  # fmt: skip
    page = owner.post("/alpha/programmes/new", data=typed)
    body = page.get_data(as_text=True)
    assert page.status_code == 422 and 'role="alert"' in body
    assert "Un résumé à garder" in body and "Kept too" in body and 'value="many"' in body
    for changes, anchor in (
        ({"min_group": "9", "max_group": "3"}, "min_group"), ({"reference": "alpha-1"}, "reference"), ({"title_fr": "", "title_en": ""}, "title_fr"),
        ({"nsf_code": "xx"}, "nsf_code"), ({"price_seat": "a lot"}, "price_seat"), ({"summary_fr": "x" * 8_001}, "summary_fr"),
        ({"modules-0-content_fr": "x" * 8_001}, "modules"), ({"half_days": "0"}, "half_days"),
    ):  # fmt: skip
        answer = owner.post("/alpha/programmes/new", data={**FORM, **changes})
        assert answer.status_code == 422 and f'href="#{anchor}' in answer.get_data(as_text=True), anchor


def test_parts_move_and_go(app: Flask, firm: FirmCast, owner: FlaskClient) -> None:
    with app.app_context(), inside(firm.scope):
        version_id = programmes.create("ZX-1", wording()).id
    parts = {f"modules-{n}-title_fr": name for n, name in enumerate("ABC")} | {"modules-3-title_fr": ""}

    def titles() -> list[str]:
        with app.app_context(), inside(firm.scope):
            return [m["title"]["fr"] for m in newest("ZX-1").texts["modules"]]

    for n, (act, expected) in enumerate(
        [("up-2", "ACB"), ("down-0", "BAC"), ("drop-1", "AC"), ("up-0", "ABC"), ("add", "ABC"), ("up-9", "ABC")], 1
    ):
        answer = owner.post(f"/alpha/programmes/{version_id}/edit", data={**FORM, **parts, "do": act, "revision": str(n)})
        assert answer.status_code == 303 and titles() == list(expected), act
    page = owner.get(f"/alpha/programmes/{version_id}/edit").get_data(as_text=True)
    assert 'name="modules-3-title_fr"' in page and 'name="modules-4-title_fr"' not in page, "one empty part to go on with"


def test_the_second_of_two_editors_is_told_and_loses_nothing(
    app: Flask, firm: FirmCast, owner: FlaskClient, signed_in: Enter
) -> None:
    with app.app_context(), inside(firm.scope):
        version_id = programmes.create("ZX-1", wording()).id
    advisor = signed_in("advisor@alpha.example")
    assert (
        advisor.post(f"/alpha/programmes/{version_id}/edit", data={**FORM, "summary_fr": "Celui de l’autre"}).status_code == 303
    )
    answer = owner.post(f"/alpha/programmes/{version_id}/edit", data={**FORM, "summary_fr": "Le mien"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "Alpha Advisor saved this programme while you were typing" in page
    assert ">Le mien</textarea>" in page.replace("\r\n", "") and "Celui de l’autre" in page
    with app.app_context(), inside(firm.scope):
        assert newest("ZX-1").texts["summary"]["fr"] == "Celui de l’autre"
    assert 'name="revision" type="hidden" value="2"' in page, "saving again goes over it knowingly"
    assert (
        owner.post(f"/alpha/programmes/{version_id}/edit", data={**FORM, "summary_fr": "Le mien", "revision": "2"}).status_code
        == 303
    )
    with app.app_context(), inside(firm.scope):
        assert newest("ZX-1").texts["summary"]["fr"] == "Le mien"


def test_two_who_start_the_next_version_hear_of_each_other(app: Flask, firm: FirmCast) -> None:
    with app.app_context(), inside(firm.scope):
        version = versions.publish(programmes.create("ZX-1", wording()))
        theirs = versions.save(version, wording("Autre"), version.revision)
        with pytest.raises(Overtaken) as no:
            versions.save(version, wording("Encore un autre"), version.revision)
        assert no.value.theirs is theirs


def test_of_two_who_save_at_the_same_moment_one_is_told(app: Flask, firm: FirmCast) -> None:
    with app.app_context(), inside(firm.scope):
        version_id = programmes.create("ZX-1", wording()).id
    start, told = threading.Barrier(2), []

    def press(title: str) -> None:
        try:
            with app.app_context(), inside(firm.scope):
                version = queries.version(version_id)
                start.wait(10)
                versions.save(version, wording(title), 1)
        except Overtaken:
            told.append(title)

    threads = [threading.Thread(target=press, args=(title,)) for title in ("Un", "Deux")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context(), inside(firm.scope):
        kept = newest("ZX-1")
        assert len(told) == 1 and kept.revision == 2 and {kept.title["fr"], *told} == {"Un", "Deux"}


def test_sessions_and_offers_keep_their_version(app: Flask, firm: FirmCast) -> None:
    company = firm.companies[0]
    with app.app_context(), inside(firm.scope):
        version = queries.version(firm.ids["version_id"])
        second = versions.publish(versions.save(version, wording("Autre"), version.revision))
        assert db.session.scalars(select(TrainingSession)).one().version_id == version.id
        assert set(db.session.scalars(select(Offer.version_id))) == {version.id}
        row = db.session.scalars(select(Offer).where(Offer.workspace_id == company.id)).one()
        offers.renew(row)
        assert row.version_id == second.id and row.price_cents == 100_000
    with app.app_context(), inside(company.scope):
        titles = {v.title["fr"] for v in db.session.scalars(select(ProgrammeVersion))}
        assert titles == {"Manager engagé", "Autre"}, "the first is still read through the session"


def test_a_published_version_stays_and_a_draft_goes(app: Flask, firm: FirmCast, owner: FlaskClient) -> None:
    with app.app_context(), inside(firm.scope):
        first = versions.publish(programmes.create("ZX-1", wording()))
        second = versions.save(first, wording("Autre"), first.revision)
        first_id, second_id = first.id, second.id
    owner.post(f"/alpha/programmes/{first_id}/discard")
    with app.app_context(), inside(firm.scope):
        assert queries.version(first_id).published_at
    assert owner.post(f"/alpha/programmes/{second_id}/discard").location.endswith(str(first_id))
    with app.app_context(), inside(firm.scope):
        assert newest("ZX-1").id == first_id
        alone = programmes.create("ZX-2", wording())
        assert programmes.discard(alone) is None
        assert not db.session.scalar(select(Programme.id).where(Programme.reference == "ZX-2"))


def test_a_retired_programme_is_off_sale_and_comes_back(app: Flask, firm: FirmCast) -> None:
    company = firm.companies[0]
    with app.app_context(), inside(firm.scope):
        version = versions.publish(programmes.create("ZX-1", wording()))
        programmes.retire(version)
        with pytest.raises(Refused, match="à personne"):
            offers.offer(version, company.id, 1, "seat")
        assert version not in queries.programmes(), "nor is a session opened from it"
        with pytest.raises(Refused):
            programmes.retire(version)
        programmes.bring_back(version)
        offers.offer(version, company.id, 1, "seat")
        assert version in queries.programmes()
        with pytest.raises(Refused):
            programmes.bring_back(version)


def test_a_draft_is_offered_to_nobody_and_in_no_list_of_sessions(app: Flask, firm: FirmCast) -> None:
    with app.app_context(), inside(firm.scope):
        draft = programmes.create("ZX-1", wording())
        with pytest.raises(Refused, match="Publiez"):
            offers.offer(draft, firm.companies[0].id, 1, "seat")
        assert draft not in queries.programmes()


def test_a_copy_says_the_same_under_its_own_reference(app: Flask, firm: FirmCast, owner: FlaskClient) -> None:
    with app.app_context(), inside(firm.scope):
        version = versions.publish(programmes.create("ZX-1", wording()))
        version_id = version.id
    for _ in range(2):
        assert owner.post(f"/alpha/programmes/{version_id}/copy").status_code == 303
    with app.app_context(), inside(firm.scope):
        for reference in ("ZX-1-2", "ZX-1-3"):
            copy = newest(reference)
            assert copy.title == wording().title and copy.published_at is None and copy.number == 1
        slugs = list(db.session.scalars(select(Programme.slug).where(Programme.reference.startswith("ZX-1"))))
        assert len(set(slugs)) == 3


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("elever", True), ("DÉBAT elever", True), ("raising", True), ("zx-1", True), ("résume", False), ("told summary", True),
        ("cœur", True), ("coeur", True), ("100%", False), ("_", False), ("nothing like it", False),
    ],
)  # fmt: skip
def test_search_ignores_accents_in_both_languages(
    app: Flask, firm: FirmCast, owner: FlaskClient, search: str, found: bool
) -> None:
    with app.app_context(), inside(firm.scope):
        said = wording("Élever le débat, au cœur de l’équipe")
        said.title["en"] = "Raising the debate"
        programmes.create("ZX-1", said)
    page = owner.get("/alpha/programmes", query_string={"q": search}).get_data(as_text=True)
    assert ("ZX-1</td>" in page) is found


def test_the_list_filters_and_counts(app: Flask, firm: FirmCast) -> None:
    with app.app_context(), inside(firm.scope):
        versions.publish(programmes.create("ZX-1", wording(modality="remote")))
        changed = versions.publish(programmes.create("ZX-2", wording()))
        versions.save(changed, wording("Autre"), changed.revision)
        programmes.create("ZX-3", wording())
        programmes.retire(versions.publish(programmes.create("ZX-4", wording())))

        def references(**wanted: str) -> set[str]:
            return {v.programme.reference for v in db.session.scalars(queries.listed(Wanted(**wanted)))} - {"alpha-1"}

        assert references() == {"ZX-1", "ZX-2", "ZX-3"} and references(state="retired") == {"ZX-4"}
        assert references(state="draft") == {"ZX-3"} and references(state="changed") == {"ZX-2"}
        assert references(state="published", modality="remote") == {"ZX-1"} and references(visibility="tailored") == set()
        assert queries.counts(Wanted()) == {"": 4, "published": 3, "draft": 1, "retired": 1, "changed": 1}
        assert queries.counts(Wanted(search="zx"))[""] == 3


def test_lists_cost_the_same_for_few_and_for_many(app: Flask, firm: FirmCast, owner: FlaskClient, signed_in: Enter) -> None:
    hr = signed_in("hr@alpha-a.example")
    paths = [(owner, "/alpha/programmes"), (owner, "/alpha/programmes?q=debat"), (hr, "/alpha/w/alpha-a/programmes?q=debat")]

    def cost() -> list[int]:
        numbers = []
        for browser, path in paths:
            with counted(app) as seen:
                assert browser.get(path).status_code == 200
            numbers.append(len(seen))
        return numbers

    few = cost()
    with app.app_context(), inside(firm.scope):
        for n in range(40):
            version = versions.publish(programmes.create(f"ZX-{n}", wording(f"Débat {n}")))
            offers.offer(version, firm.companies[0].id, 1, "seat")
    assert cost() == few and max(few) <= 8


def test_history_says_what_changed(app: Flask, firm: FirmCast, owner: FlaskClient) -> None:
    with app.app_context(), inside(firm.scope):
        first = versions.publish(programmes.create("ZX-1", wording()))
        said = wording("Autre", price_seat_cents=120_000)
        versions.save(first, said, first.revision)
        version_id = first.id
    page = owner.get(f"/alpha/programmes/{version_id}/history").get_data(as_text=True)
    assert "3 changes" in page and "€1,150.00" in page and "€1,200.00" in page and "Élever le débat" in page


def test_a_missing_text_shows_in_the_other_language_marked(app: Flask, firm: FirmCast, owner: FlaskClient) -> None:
    with app.app_context(), inside(firm.scope):
        said = wording()
        said.texts["methods"] = {"fr": "Des jeux de rôle"}
        version_id = programmes.create("ZX-1", said).id
    page = owner.get(f"/alpha/programmes/{version_id}").get_data(as_text=True)
    assert 'lang="fr">Des jeux de rôle</p>' in page and "in French</span>" in page and "not in English" in page


def test_one_version_is_newest_and_one_is_current(app: Flask, firm: FirmCast) -> None:
    """The database holds it, whatever the code does."""
    for column in ("is_newest", "is_current"):
        with app.app_context(), pytest.raises(DBAPIError, match="uq_programme_version"), inside(firm.scope):
            first = versions.publish(programmes.create(f"ZX-{column}", wording()))
            versions.save(first, wording("Autre"), first.revision)
            db.session.execute(
                text(f"UPDATE programme_version SET {column} = true WHERE programme_id = :id"), {"id": first.programme_id}
            )


def test_a_client_imagined_by_a_guess_is_refused(app: Flask, firm: FirmCast, world: World) -> None:
    """Tailored for another firm's client: the key refuses it before anybody sees it."""
    stranger: UUID = world.firms[1].companies[0].id
    with app.app_context(), inside(firm.scope):
        version = programmes.create("ZX-1", wording())
        with pytest.raises(Refused, match="Choisissez le client"):
            programmes.show_to(version, "tailored", stranger)


def test_facts_are_typed_as_people_write_them(app: Flask, firm: FirmCast, owner: FlaskClient) -> None:
    cases: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"hours": "10,5 h"}, {"minutes": 630}), ({"hours": ""}, {"minutes": 0}), ({"price_group": "6,900.00"}, {"price_group_cents": 690_000}),
        ({"nsf_code": "315P"}, {"nsf_code": "315p"}), ({"languages": ["en"]}, {"languages": ["en"]}),
    ]  # fmt: skip
    for n, (typed, expected) in enumerate(cases):
        assert owner.post("/alpha/programmes/new", data={**FORM, "reference": f"ZX-{n}", **typed}).status_code == 303
        with app.app_context(), inside(firm.scope):
            version = newest(f"ZX-{n}")
            assert {name: getattr(version, name) for name in expected} == expected
