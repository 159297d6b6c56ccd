"""Whom a directory opens: its own workspace's people, and nobody and nothing else. The eight attacks of tenant confusion."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask.testing import FlaskClient

from saas.identity.commands.people import add_member
from saas.identity.sso.models import SsoConnection
from tenants.db import db
from tenants.scope import inside
from tests.identity.sso.conftest import Scene


def rolemap(scene: Scene, claim: str, **mapping: str) -> None:
    with scene.app.app_context(), inside(scene.a.scope):
        row = db.session.query(SsoConnection).one()
        row.role_claim, row.role_map = claim, mapping


def roles_of(scene: Scene, address: str) -> list[str]:
    return list(scene.sql("SELECT roles FROM member WHERE email_norm = %s", address)[0][0])


# What it is for.


def test_a_known_person_comes_in_and_is_known_by_their_subject_afterwards(scene: Scene) -> None:
    first = scene.browser()
    assert scene.arrive(first, "u-7", **scene.person("participant")).status_code == 303 and scene.is_in(first)
    again = scene.browser()
    assert scene.arrive(again, "u-7").status_code == 303 and scene.is_in(again), (
        "without an address, and without it having changed"
    )
    assert scene.sql("SELECT count(*) FROM sso_identity")[0][0] == 1


def test_somebody_new_of_a_proved_domain_becomes_a_participant_here_and_no_more(scene: Scene) -> None:
    browser, address = scene.browser(), f"new.person@{scene.a.slug}.example"
    answer = scene.arrive(
        browser, "u-new", email=address.upper(), email_verified=True, given_name="Noé", family_name="Vidal", locale="fr-FR"
    )
    assert answer.status_code == 303 and scene.is_in(browser)
    rows = scene.sql("SELECT first_name, last_name, roles, language, workspace_id FROM member WHERE email_norm = %s", address)
    assert rows == [("Noé", "Vidal", ["participant"], "fr", scene.a.id)]
    assert (
        scene.sql("SELECT count(*) FROM staff s JOIN account a ON a.id = s.account_id WHERE s.email_norm = %s", address)[0][0]
        == 0
    )
    assert not scene.sql("SELECT 1 FROM account_address WHERE email_norm = %s", address), "an address is proved by its mail alone"


def test_an_account_that_a_directory_brought_is_the_one_that_a_mailed_link_finds(
    scene: Scene, signed_in: Callable[[str], FlaskClient]
) -> None:
    scene.arrive(scene.browser(), **scene.person("participant"))
    before = scene.sql("SELECT account_id FROM member WHERE email_norm = %s", scene.a.address("participant"))
    signed_in(scene.a.address("participant"))
    assert scene.sql("SELECT account_id FROM account_address WHERE email_norm = %s", scene.a.address("participant")) == before


def test_fifty_arrivals_of_a_new_person_at_once_make_one(scene: Scene) -> None:
    browsers = [scene.browser() for _ in range(50)]
    claims = {"email": f"crowd@{scene.a.slug}.example", "email_verified": True, "name": "Crowd"}
    carried = [scene.idp.sign_in(scene.leave(browser), "u-crowd", **claims) for browser in browsers]

    def back(n: int) -> int:
        return browsers[n].get(f"{scene.door}/callback", query_string=carried[n]).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(back, range(50))) == {303}
    assert scene.sql("SELECT count(*) FROM member WHERE email_norm LIKE 'crowd@%%'")[0][0] == 1
    assert (
        scene.sql("SELECT count(*) FROM account a JOIN member m ON m.account_id = a.id WHERE m.email_norm LIKE 'crowd@%%'")[0][0]
        == 1
    )


def test_one_state_carried_back_fifty_times_at_once_opens_once(scene: Scene) -> None:
    browser = scene.browser()
    carried = scene.idp.sign_in(scene.leave(browser), "u-1", **scene.person())
    cookies = [c.decoded_value for c in [browser.get_cookie(scene.app.config["SESSION_COOKIE_NAME"])] if c]

    def back(_n: int) -> int:
        copy = scene.app.test_client()
        copy.set_cookie(scene.app.config["SESSION_COOKIE_NAME"], cookies[0])
        return copy.get(f"{scene.door}/callback", query_string=carried).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(back, range(50)))
    assert sorted(statuses)[:1] == [303] and statuses.count(303) == 1 and set(statuses) == {303, 403}


# 1. An address that is not the directory's to speak of.


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "hr@alpha-b.example", "email_verified": True}, {"email": "owner@alpha.example", "email_verified": True},
        {"email": "owner@beta.example", "email_verified": True}, {"email": "hr@beta-a.example", "email_verified": True},
        {"email": "hr@alpha-a.example", "email_verified": False}, {"email": "hr@alpha-a.example"},
        {"email": "hr@alpha-a.example", "email_verified": "true"}, {"email": "hr@alpha-a.example", "email_verified": 1},
        {"email": "hr@alpha-a.example", "email_verified": False, "xms_edov": True},
        {"email": ["hr@alpha-a.example"], "email_verified": True}, {"preferred_username": "hr@alpha-a.example", "email_verified": True},
        {"email": "hr@alpha-a.example@evil.example", "email_verified": True}, {"email": "hr@sub.alpha-a.example", "email_verified": True},
        {"email": "hr@alpha-a.example.evil.example", "email_verified": True}, {"email": "", "email_verified": True},
    ],
)  # fmt: skip
def test_an_address_that_is_not_vouched_for_finds_nobody(scene: Scene, claims: dict[str, Any]) -> None:
    before = scene.sql("SELECT id, account_id FROM member ORDER BY id")
    browser = scene.browser()
    assert scene.arrive(browser, "u-x", **claims).status_code == 403 and not scene.is_signed_in(browser)
    assert scene.sql("SELECT id, account_id FROM member ORDER BY id") == before


def test_entras_own_flag_counts(scene: Scene) -> None:
    browser = scene.browser()
    assert scene.arrive(browser, email=scene.a.address("participant"), xms_edov=True).status_code == 303 and scene.is_in(browser)


def test_an_address_of_a_domain_that_was_lost_finds_nobody(scene: Scene) -> None:
    scene.sql("UPDATE sso_domain SET lost_at = now()")
    assert scene.arrive(scene.browser(), **scene.person()).status_code == 403


# 2. What A's directory asserts opens A, even for somebody who is more elsewhere.


def test_it_opens_one_membership_of_a_person_who_has_others(scene: Scene, signed_in: Callable[[str], FlaskClient]) -> None:
    address = scene.a.address("hr")
    signed_in(address)  # they have an account, with a proved address
    with scene.app.app_context(), inside(scene.b.scope):
        add_member("Also", "There", address, roles=["hr"], language="en")
    scene.sql("UPDATE staff SET email_norm = %s WHERE email_norm = 'advisor@alpha.example'", address)
    signed_in(address)  # which makes them the firm's advisor as well
    browser = scene.browser()
    assert scene.arrive(browser, **scene.person("hr")).status_code == 303
    assert browser.get(f"/alpha/w/{scene.a.slug}/people").status_code == 200
    assert browser.get(f"/alpha/w/{scene.b.slug}/people").status_code == 404
    assert browser.get("/alpha/clients").status_code == 404
    assert browser.get("/-/chooser").get_data(as_text=True).count('class="choice"') == 1
    assert browser.get("/-/account").get_data(as_text=True).count(address) == 0


def test_it_adds_to_what_the_person_had_proved_and_replaces_nothing(scene: Scene, hr: FlaskClient) -> None:
    assert scene.arrive(hr, **scene.person("hr")).status_code == 303
    assert hr.get("/-/account").status_code == 200 and scene.is_in(hr)


# 3. is in test_domains.py. 4. A newcomer is a participant of this workspace; roles by an allow-list, never staff's.


@pytest.mark.parametrize("said", ["owner", "advisor", "admin", "participant", ["owner", "hr-of-all"], {"hr": True}, 7])
def test_a_claim_gives_no_role_that_is_not_in_the_list(scene: Scene, said: Any) -> None:
    rolemap(scene, "groups", Bosses="hr", owner="owner", admin="hr-of-all")
    assert scene.arrive(scene.browser(), **scene.person("participant", groups=said)).status_code == 303
    assert roles_of(scene, scene.a.address("participant")) == ["participant"]


def test_roles_come_and_go_with_the_claim_and_those_given_by_hand_stay(scene: Scene) -> None:
    rolemap(scene, "groups", Bosses="hr", Backers="sponsor")
    address = scene.a.address("participant")
    for said, wanted in (
        (["Bosses", "x"], ["hr", "participant"]), (["Backers"], ["participant", "sponsor"]), ("Bosses", ["hr", "participant"]), ([], ["participant"]),
    ):  # fmt: skip
        scene.arrive(scene.browser(), **scene.person("participant", groups=said))
        assert sorted(roles_of(scene, address)) == wanted, said
    scene.sql("UPDATE member SET roles = '{participant,sponsor}' WHERE email_norm = %s", address)
    scene.arrive(scene.browser(), **scene.person("participant", groups=["Backers"]))
    scene.arrive(scene.browser(), **scene.person("participant", groups=[]))
    assert sorted(roles_of(scene, address)) == ["participant", "sponsor"]
    assert scene.sql("SELECT count(*) FROM journal WHERE action = 'sso.roles' AND actor <> 'Cordée'")[0][0] == 4


def test_the_last_hr_stays_hr(scene: Scene) -> None:
    rolemap(scene, "groups", Bosses="hr")
    scene.arrive(scene.browser(), **scene.person("participant", groups=["Bosses"]))
    scene.sql("UPDATE member SET roles = '{participant}' WHERE email_norm = %s", scene.a.address("hr"))
    scene.arrive(scene.browser(), **scene.person("participant", groups=[]))
    assert "hr" in roles_of(scene, scene.a.address("participant"))


def test_a_firms_directory_opens_its_invited_staff_and_makes_nobody(scene: Scene) -> None:
    firm = scene.world.firms[0]
    door = f"/-/sso/{scene.connect(firm.scope, 'alpha.example')}"
    browser = scene.browser()
    assert (
        scene.arrive(
            browser, "s-1", door=door, email="advisor@alpha.example", email_verified=True, amr=["pwd", "mfa"]
        ).status_code
        == 303
    )
    assert browser.get("/alpha/clients").status_code == 200
    assert browser.get("/beta/clients").status_code == 404
    stranger = scene.browser()
    assert scene.arrive(stranger, "s-2", door=door, email="new@alpha.example", email_verified=True).status_code == 403
    assert scene.arrive(stranger, "s-3", door=door, **scene.person("hr")).status_code == 403
    assert not scene.is_signed_in(stranger)


# 5. The only way in.


def test_an_enforced_directory_is_the_only_way_into_its_space(
    scene: Scene, hr: FlaskClient, signed_in: Callable[[str], FlaskClient]
) -> None:
    scene.sql("UPDATE sso_connection SET enforced = true")
    answer = hr.get(f"/alpha/w/{scene.a.slug}/people")
    assert answer.status_code == 303 and answer.headers["Location"].startswith(scene.door)
    assert scene.arrive(hr, **scene.person("hr")).status_code == 303
    assert hr.get(f"/alpha/w/{scene.a.slug}/people").status_code == 200
    assert signed_in("owner@alpha.example").get(f"/alpha/w/{scene.a.slug}/sign-in").status_code == 200, "the firm can undo it"


# 6. What a connection opened ends with it.


@pytest.mark.parametrize(
    "end",
    [
        "DELETE FROM sso_connection", "UPDATE sso_connection SET state = 'off'", "UPDATE workspace SET state = 'suspended'",
        "UPDATE firm SET state = 'suspended'", "UPDATE member SET left_at = now()",
    ],
)  # fmt: skip
def test_what_it_opened_ends_at_the_next_request(scene: Scene, end: str) -> None:
    browser = scene.browser()
    scene.arrive(browser, **scene.person())
    assert scene.is_in(browser)
    scene.sql(end)
    assert browser.get(f"/alpha/w/{scene.a.slug}/").status_code in (303, 404)
    assert not scene.is_in(browser)


def test_a_connection_that_is_off_or_never_was_answers_alike(scene: Scene) -> None:
    browser = scene.browser()
    carried = scene.idp.sign_in(scene.leave(browser), "u-1", **scene.person())
    scene.sql("UPDATE sso_connection SET state = 'off'")

    def told(path: str) -> tuple[int, str]:
        answer = browser.get(path)
        return answer.status_code, re.sub(r'csrf[^>]*>|value="[^"]*"|[0-9a-f]{8,}', "", answer.get_data(as_text=True))

    nothing = "/-/sso/01890000-0000-7000-8000-000000000000"
    for path in (scene.door, f"{scene.door}/leave"):
        assert told(path) == told(nothing) and told(path)[0] == 404
    assert browser.get(f"{scene.door}/callback", query_string=carried).status_code == 404
    assert browser.post(f"{scene.door}/logout").status_code == 404
    assert not scene.is_signed_in(browser)


# 7. Names that look alike.


def test_the_same_subject_of_another_issuer_is_somebody_else(scene: Scene) -> None:
    scene.arrive(scene.browser(), "u-1", **scene.person("hr"))
    scene.sql("UPDATE sso_identity SET issuer = 'https://former.example'")
    assert scene.arrive(scene.browser(), "u-1").status_code == 403, "no address, and this issuer has named nobody"


def test_a_subject_is_compared_to_the_letter(scene: Scene) -> None:
    scene.arrive(scene.browser(), "u-Abc", **scene.person("hr"))
    for other in ("u-abc", "u-Abc ", "u-ABC", "u-Аbc"):
        assert scene.arrive(scene.browser(), other).status_code == 403, other


def test_two_subjects_of_one_address_are_two_people(scene: Scene) -> None:
    """A mail box that was given to somebody else inherits nothing."""
    scene.arrive(scene.browser(), "u-1", **scene.person("hr"))
    answer = scene.arrive(scene.browser(), "u-2", **scene.person("hr"))
    assert answer.status_code == 403 and "another person of your directory" in answer.get_data(as_text=True)


def test_no_tricks_with_dots_and_pluses(scene: Scene) -> None:
    for local in ("hr+x", "h.r", "HR"):
        scene.arrive(scene.browser(), f"u-{local}", email=f"{local}@{scene.a.slug}.example", email_verified=True, name=local)
    assert scene.sql("SELECT count(*) FROM member WHERE email_norm IN ('hr+x@alpha-a.example', 'h.r@alpha-a.example')")[0][0] == 2
    assert scene.sql(
        "SELECT i.subject FROM sso_identity i JOIN member m ON m.id = i.member_id WHERE m.email_norm = 'hr@alpha-a.example'"
    ) == [("u-HR",)]


def test_somebody_who_left_does_not_come_back_by_themselves(scene: Scene) -> None:
    scene.arrive(scene.browser(), "u-1", **scene.person("participant"))
    scene.sql("UPDATE member SET left_at = now() WHERE email_norm = %s", scene.a.address("participant"))
    for subject in ("u-1", "u-other"):
        answer = scene.arrive(scene.browser(), subject, **scene.person("participant"))
        assert answer.status_code == 403 and "has ended" in answer.get_data(as_text=True)
    assert scene.sql("SELECT count(*) FROM member WHERE email_norm = %s", scene.a.address("participant"))[0][0] == 1


def test_a_repointed_address_takes_nobodys_account(scene: Scene, signed_in: Callable[[str], FlaskClient]) -> None:
    """HR of A writes B's HR's address on their own row and comes in through A's directory."""
    signed_in(scene.b.address("hr"))
    scene.arrive(scene.browser(), "u-1", **scene.person("hr"))
    scene.sql(
        "UPDATE member SET email_norm = %s, account_id = NULL WHERE email_norm = %s", scene.b.address("hr"), scene.a.address("hr")
    )
    scene.arrive(scene.browser(), "u-1")
    accounts = scene.sql("SELECT account_id FROM member WHERE email_norm = %s ORDER BY workspace_id", scene.b.address("hr"))
    assert len({row[0] for row in accounts}) == 2 and all(row[0] for row in accounts)


# 8. Being signed in as somebody else unawares: test_tokens.py (state and browser). What an error brings is not shown.


def test_an_error_of_the_provider_is_told_in_our_words(scene: Scene) -> None:
    browser = scene.browser()
    carried = scene.idp.sign_in(scene.leave(browser), "u-1")
    said = {"error": "access_denied", "error_description": "<b>evil</b>", "state": carried["state"]}
    answer = browser.get(f"{scene.door}/callback", query_string=said)
    shown = answer.get_data(as_text=True).split("<main", 1)[1].split("</main>", 1)[0]
    assert answer.status_code == 403 and "evil" not in shown
    assert browser.get(f"{scene.door}/callback", query_string=carried).status_code == 403, "the state is used up"
    assert browser.get(f"{scene.door}/callback", query_string={"error": "x", "state": "y"}).status_code == 404


def test_it_never_goes_on_to_another_site(scene: Scene) -> None:
    for bad in ("https://evil.example", "//evil.example", "/\\evil.example", "javascript:x"):
        answer = scene.arrive(scene.browser(), query={"next": bad}, **scene.person())
        assert answer.headers["Location"] == f"/alpha/w/{scene.a.slug}/", bad
    good = f"/alpha/w/{scene.a.slug}/catalogue"
    assert scene.arrive(scene.browser(), query={"next": good}, **scene.person()).headers["Location"] == good


def test_the_way_in_names_its_issuer_or_leads_nowhere(scene: Scene) -> None:
    assert scene.browser().get(scene.door, query_string={"iss": "https://evil.example"}).status_code == 404
    assert scene.leave(scene.browser(), iss=scene.idp.issuer)
