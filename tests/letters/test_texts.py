"""Texts of one's own: two levels, checked placeholders, a way back, and never markup."""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tenants.queue import drain
from tests.cast import World
from tests.letters.support import Superuser, a_session, arrived, empty_box, enrol, text_of

Browser = Callable[[str], FlaskClient]
PAGE = "/alpha/letters/seated"


def typed(**changes: str) -> dict[str, str]:
    """A whole form: French and English words, with changes."""
    return {
        "subject_fr": "Bienvenue : {title}", "opening_fr": "Cher {first_name}.", "closing_fr": "", "subject_en": "Welcome: {title}",
        "opening_en": "Dear {first_name} of {client}.", "closing_en": "Yours,\n{firm}", **changes,
    }  # fmt: skip


def seated_mail(app: Flask, world: World, role: str = "participant", number: int = 0) -> EmailMessage:
    firm, company = world.firms[0], world.companies[number]
    with app.app_context():
        drain()
        empty_box()
        _session, links = a_session(firm, [company])
        enrol(company, links[company.slug], role)
        drain()
        (mail,) = arrived(company.address(role))
    return mail


def save(browser: FlaskClient, page: str = PAGE, **changes: str) -> TestResponse:
    return browser.post(page, data=typed(**changes))


def test_the_firms_words_are_read_by_all_and_a_clients_by_its_own(app: Flask, world: World, signed_in: Browser) -> None:
    owner, a = signed_in("owner@alpha.example"), world.companies[0]
    assert save(owner).status_code == 303
    mail = seated_mail(app, world)
    assert str(mail["Subject"]) == "Welcome: Committed manager"
    said = text_of(mail)
    assert "Dear Participant of alpha-a." in said and "Yours,\nAlpha" in said and "Salle Belledonne" in said, "facts stay"
    client_page = f"/alpha/clients/{a.id}/letters/seated"
    assert save(owner, client_page, subject_en="Only for you, {first_name}").status_code == 303
    assert str(seated_mail(app, world, "sponsor")["Subject"]) == "Only for you, Sponsor"
    assert str(seated_mail(app, world, "participant", 1)["Subject"]) == "Welcome: Committed manager"
    assert "zq-alpha-b" not in owner.get(client_page).text


def test_there_is_a_way_back_and_the_history_stays(app: Flask, world: World, signed_in: Browser) -> None:
    owner, client_page = signed_in("owner@alpha.example"), f"/alpha/clients/{world.companies[0].id}/letters/seated"
    save(owner)
    save(owner, client_page, subject_en="Only for you")
    owner.post(f"{client_page}/back", data={"language": "en"})
    assert str(seated_mail(app, world)["Subject"]) == "Welcome: Committed manager", "back to what the firm says to all"
    owner.post(f"{PAGE}/back", data={"language": "en"})
    assert str(seated_mail(app, world, "sponsor")["Subject"]) == "You have a seat: Committed manager"
    page = owner.get(PAGE).text
    assert "Welcome: {title}" in page and "back to the text before" in page
    former = page.split(f"{PAGE}?from=")[-1].split('"')[0]
    assert (
        'value="Welcome: {title}"' in owner.get(f"{PAGE}?from={former}").text
        or "Bienvenue" in owner.get(f"{PAGE}?from={former}").text
    )


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("opening_en", "Dear {frist_name}", "{frist_name} stands for nothing here"),
        ("opening_en", "Dear {first_name", "stands for nothing here"),
        ("subject_fr", "Bonjour {person}", "{person} stands for nothing here"),
        ("opening_fr", "  ", "Write something here"),
        ("subject_en", "x" * 161, "too long"),
        ("closing_en", "{0.__class__}", "stands for nothing here"),
    ],
)
def test_a_text_that_would_not_work_is_refused_with_all_that_was_typed(
    world: World, signed_in: Browser, superuser: Superuser, field: str, text: str, said: str
) -> None:
    answer = save(signed_in("owner@alpha.example"), **{field: text})
    assert answer.status_code == 422 and said in answer.text and "{first_name}" in answer.text
    assert field == "closing_en" or "Yours,\n{firm}" in answer.text.replace("\r", "")
    assert superuser.execute("SELECT count(*) FROM letter_text").fetchone() == (0,)


def test_a_text_is_text_wherever_it_is_shown(app: Flask, world: World, signed_in: Browser, superuser: Superuser) -> None:
    """Neither what is typed nor what a placeholder brings becomes markup, and what it brings is no placeholder."""
    superuser.execute("UPDATE member SET first_name = '<i>{title}</i>' WHERE email LIKE 'participant@%'")
    owner = signed_in("owner@alpha.example")
    tag = "<script>x</script>"
    preview = owner.post(PAGE, data=typed(opening_en=tag, subject_en=tag) | {"preview": "1"})
    assert preview.status_code == 200 and tag not in preview.text and "&lt;script&gt;" in preview.text
    save(owner, opening_en=f"{tag} {{first_name}}")
    mail = seated_mail(app, world)
    html, text = mail.get_body(("html",)), text_of(mail)
    assert html is not None and tag not in html.get_content() and "&lt;script&gt;" in html.get_content()
    assert "<i>{title}</i>" in text and "<i>" not in html.get_content()


def test_the_preview_has_real_dates_in_both_languages_and_keeps_nothing(
    app: Flask, world: World, signed_in: Browser, superuser: Superuser
) -> None:
    owner = signed_in("owner@alpha.example")
    answer = owner.post(PAGE, data=typed(opening_fr="Aperçu de {dates}") | {"preview": "1"}, headers={"HX-Request": "true"})
    assert answer.status_code == 200 and "<html" not in answer.text
    assert "Bienvenue : Manager engagé" in answer.text and "Welcome: Committed manager" in answer.text
    assert "Aperçu de " in answer.text and "Grenoble" in answer.text and "{dates}" not in answer.text
    assert superuser.execute("SELECT count(*) FROM letter_text").fetchone() == (0,)


def test_a_test_goes_to_oneself_in_the_language_asked_for(app: Flask, world: World, signed_in: Browser) -> None:
    owner = signed_in("owner@alpha.example")
    save(owner)
    with app.app_context():
        drain()
        empty_box()
    for language in ("fr", "en"):
        assert owner.post(f"{PAGE}/try", data={"language": language}).status_code == 303
    with app.app_context():
        drain()
        subjects = [str(m["Subject"]).replace("\u00a0", " ") for m in arrived("owner@alpha.example")]
    assert subjects == ["Bienvenue : Manager engagé", "Welcome: Committed manager"]


def test_an_owner_alone_changes_what_all_clients_read(world: World, signed_in: Browser) -> None:
    advisor = signed_in("advisor@alpha.example")
    assert save(advisor).status_code == 403
    assert advisor.post(f"{PAGE}/back", data={"language": "fr"}).status_code == 403
    assert save(advisor, f"/alpha/clients/{world.companies[0].id}/letters/seated").status_code == 303


def test_convocations_have_settings_with_limits(world: World, signed_in: Browser, superuser: Superuser) -> None:
    owner = signed_in("owner@alpha.example")
    page = "/alpha/letters/convocations"
    for bad in ("0", "61", ""):
        answer = owner.post(page, data={"convocation_days": bad, "contact": "Kept as typed"})
        assert answer.status_code == 422 and "from 1 to 60" in answer.text and "Kept as typed" in answer.text
    assert owner.post(page, data={"convocation_days": "10", "to_bring_fr": "Un stylo"}).status_code == 303
    assert superuser.execute("SELECT convocation_days, to_bring FROM letter_settings").fetchone() == (10, {"fr": "Un stylo"})
