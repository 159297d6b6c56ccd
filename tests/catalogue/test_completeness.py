"""What the public must be told (Qualiopi, indicator 1): each thing that lacks is named, objectives without a verb are hinted at."""

from __future__ import annotations

import pytest
from flask import Flask

from saas.catalogue import completeness
from saas.catalogue.completeness import is_assessable
from saas.catalogue.models import ProgrammeVersion
from tests.catalogue.programmes import wording


def version(**facts: object) -> ProgrammeVersion:
    said = wording(**facts)
    return ProgrammeVersion(title=said.title, texts=said.texts, **said.facts)


def fields(found: list[completeness.Gap]) -> set[str]:
    return {gap.field for gap in found}


def test_a_whole_programme_lacks_nothing(app: Flask) -> None:
    assert completeness.missing(version()) == [] and completeness.share(version()) == (10, 10)
    assert completeness.untranslated(version()) == [] and completeness.unassessable(version()) == []


@pytest.mark.parametrize("name", ["prerequisites", "methods", "assessment", "accessibility", "access", "objectives"])
def test_each_text_that_lacks_is_named(name: str) -> None:
    lacking = version()
    del lacking.texts[name]
    assert fields(completeness.missing(lacking)) == {name} and completeness.share(lacking) == (9, 10)


def test_facts_that_lack_are_named() -> None:
    assert fields(completeness.missing(version(minutes=0))) == {"hours"}
    assert fields(completeness.missing(version(price_seat_cents=0, price_group_cents=0))) == {"price_seat"}
    assert not completeness.missing(version(price_seat_cents=0)), "a price per group is a price"
    assert fields(completeness.missing(version(), has_contact=False)) == {"contact"}


def test_what_one_language_lacks_is_told_apart() -> None:
    said = version()
    del said.title["en"], said.texts["methods"]["fr"]
    said.texts["objectives"] = [{"fr": "Formuler un cap."}]
    said.texts["modules"] = [{"title": {"en": "One"}, "content": {"fr": "Un", "en": "One"}}]
    assert not completeness.missing(said), "one language is enough to publish: the other one is shown it, marked"
    found = {(gap.field, gap.language) for gap in completeness.untranslated(said)}
    assert found == {("title", "en"), ("methods", "fr"), ("objectives", "en"), ("modules", "fr")}
    assert {gap.anchor for gap in completeness.untranslated(said)} == {"title_en", "methods_fr", "objectives_en", "modules"}


@pytest.mark.parametrize(
    ("text", "code", "assessable"),
    [
        ("Formuler un cap en trois phrases.", "fr", True), ("Se positionner en animateur.", "fr", True), ("S’affirmer sans blesser.", "fr", True),
        ("Conduire un entretien.", "fr", True), ("Savoir", "fr", False), ("Connaître les outils.", "fr", False), ("Comprendre", "fr", False),
        ("Les bases du management", "fr", False), ("", "fr", False), ("Être à l’aise à l’oral", "fr", False), ("Vendre", "fr", True),
        ("State a direction.", "en", True), ("Understand feedback", "en", False), ("The basics of leading", "en", False),
        ("Communication", "en", False), ("Be aware of oneself", "en", False), ("Lead a talk", "en", True), ("Understanding", "en", False),
    ],
)  # fmt: skip
def test_an_objective_starts_with_something_one_can_see_done(text: str, code: str, assessable: bool) -> None:
    assert is_assessable(text, code) is assessable


def test_a_hint_is_no_wall() -> None:
    said = version()
    said.texts["objectives"] = [{"fr": "Comprendre ses biais."}]
    assert completeness.unassessable(said) == ["Comprendre ses biais."] and not completeness.missing(said)
