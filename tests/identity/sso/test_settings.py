"""Connecting a directory in five steps, by HR of the whole company, by the firm's staff, and a firm's own by its owner."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from saas.identity.sso.commands import connecting
from saas.identity.sso.queries import own_connection
from saas.kit.errors import Refused
from tenants.scope import inside
from tests.identity.sso.conftest import Scene
from tests.identity.sso.provider import CLIENT, SECRET

PAGE = "/alpha/w/alpha-a/sign-in"


@pytest.fixture
def nothing(scene: Scene) -> Scene:
    """The same, with nothing connected yet."""
    scene.sql("DELETE FROM sso_connection")
    scene.sql("DELETE FROM sso_domain")
    return scene


def given(scene: Scene, **more: Any) -> dict[str, Any]:
    return {"label": "My account", "issuer": scene.idp.issuer, "client_id": CLIENT, "secret": SECRET, **more}


def try_it(scene: Scene, browser: FlaskClient, page: str = PAGE, subject: str = "u-1", **claims: Any) -> str:
    """The trial's round trip; returns the page that it ends on."""
    there = browser.get(f"{page}/try").headers["Location"]
    callback = (
        there.split("redirect_uri=")[1].split("&")[0].replace("%3A", ":").replace("%2F", "/").removeprefix("http://localhost")
    )
    back = browser.get(callback, query_string=scene.idp.sign_in(there, subject, **claims))
    assert back.status_code == 303, back.get_data(as_text=True)
    return browser.get(back.headers["Location"]).get_data(as_text=True)


def test_from_nothing_to_the_only_way_in(nothing: Scene, hr: FlaskClient) -> None:
    scene = nothing
    assert "Connect your directory" in hr.get(PAGE).get_data(as_text=True)
    assert hr.post(f"{PAGE}/begin", data={"label": "My account", "kind": "entra"}).status_code == 303
    page = hr.get(PAGE).get_data(as_text=True)
    scene.connection_id = scene.sql("SELECT id FROM sso_connection")[0][0]
    for address in (f"{scene.door}/callback", f"{scene.door}/logout", "/-/signed-out", "Entra"):
        assert address in page, address
    assert (
        hr.post(f"{PAGE}/provider", data=given(scene, issuer=f"{scene.idp.issuer}/.well-known/openid-configuration")).status_code
        == 303
    )
    assert hr.post(f"{PAGE}/state", data={"act": "on"}).status_code == 303 and scene.sql("SELECT state FROM sso_connection") == [
        ("draft",)
    ], "not before a trial"
    page = try_it(scene, hr, **scene.person("hr"))
    assert "It lets in Hr zq-alpha-a" in page and "email_verified" in page
    assert (
        hr.post(f"{PAGE}/state", data={"act": "on"}).status_code == 303
        and hr.post(f"{PAGE}/state", data={"act": "enforce"}).status_code == 303
    )
    assert scene.sql("SELECT state, enforced FROM sso_connection") == [("active", True)]
    browser = scene.browser()
    assert scene.arrive(browser, "u-1").status_code == 303 and scene.is_in(browser)


def test_a_secret_is_sealed_and_never_shown(scene: Scene, hr: FlaskClient) -> None:
    assert SECRET not in str(scene.sql("SELECT secret, discovery::text FROM sso_connection"))
    assert SECRET not in hr.get(PAGE).get_data(as_text=True)
    assert hr.post(f"{PAGE}/provider", data=given(scene, secret="")).status_code == 303
    assert scene.arrive(scene.browser(), **scene.person()).status_code == 303, "an empty field keeps it"
    assert hr.post(f"{PAGE}/provider", data=given(scene, secret="another")).status_code == 303
    assert scene.arrive(scene.browser(), **scene.person()).status_code == 403


def test_another_issuer_is_a_draft_again(scene: Scene, hr: FlaskClient) -> None:
    scene.arrive(browser := scene.browser(), **scene.person())
    scene.sql("UPDATE sso_connection SET enforced = true")
    scene.sql("UPDATE sign_in SET fresh_at = now()")
    scene.arrive(hr, "u-hr", **scene.person("hr"))
    assert hr.post(f"{PAGE}/provider", data=given(scene, client_id="another", secret="x")).status_code == 303
    assert scene.sql("SELECT state, enforced, tested_at FROM sso_connection") == [("draft", False, None)]
    assert not scene.is_in(browser)


@pytest.mark.parametrize(
    ("issuer", "told"),
    [
        ("http://169.254.169.254/", "Nothing can be read"), ("https://127.0.0.1/", "Nothing can be read"), ("x", "Nothing can be read"),
        ("https://user:pw@accounts.example", "Nothing can be read"), ("", "Enter the issuer"),
    ],
)  # fmt: skip
def test_an_address_that_is_no_issuer_is_told_and_everything_typed_is_kept(
    scene: Scene, hr: FlaskClient, issuer: str, told: str
) -> None:
    answer = hr.post(f"{PAGE}/provider", data=given(scene, issuer=issuer, client_id="typed-here"))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and told in page and "typed-here" in page and SECRET not in page
    assert scene.sql("SELECT client_id FROM sso_connection") == [(CLIENT,)]


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ({"issuer": "https://evil.example"}, "another issuer"), ({"token_endpoint": None}, "lacks"), ({"jwks_uri": 7}, "lacks"),
        ({"token_endpoint": "http://169.254.169.254/token"}, "Nothing can be read"), ({"jwks_uri": "https://127.0.0.1/keys"}, "Nothing can be read"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "Nothing can be read"), ({"end_session_endpoint": "http://10.0.0.1/"}, "Nothing can be read"),
        ({"userinfo_endpoint": "file:///etc/passwd"}, "Nothing can be read"),
        ({"id_token_signing_alg_values_supported": ["HS256", "none"]}, "trusted"), ({"token_endpoint_auth_methods_supported": ["private_key_jwt"]}, "secret"),
    ],
)  # fmt: skip
def test_every_endpoint_of_a_description_is_judged(scene: Scene, hr: FlaskClient, document: dict[str, Any], told: str) -> None:
    scene.idp.document = document
    answer = hr.post(f"{PAGE}/provider", data=given(scene))
    assert answer.status_code == 422 and told in answer.get_data(as_text=True)


def test_a_trial_shows_whom_it_would_open_and_opens_nothing(scene: Scene, hr: FlaskClient) -> None:
    before = scene.sql("SELECT count(*) FROM member")
    assert "It would make a new participant: New Person" in try_it(
        scene, hr, subject="u-n", email="new@alpha-a.example", email_verified=True, name="New Person"
    )
    assert "It would let nobody in" in try_it(scene, hr, subject="u-e", email="x@elsewhere.example", email_verified=True)
    assert scene.sql("SELECT count(*) FROM member") == before and not scene.sql("SELECT 1 FROM sso_identity")


def test_a_trial_with_another_persons_account_links_nothing_unasked(scene: Scene, hr: FlaskClient) -> None:
    """Somebody from IT signs in at the provider while HR watches: their account is not HR's."""
    page = try_it(scene, hr, subject="u-it", email="it@alpha-a.example", email_verified=True, name="It Person")
    assert not scene.sql("SELECT 1 FROM sso_identity") and "This is me" in page
    scene.sql("UPDATE sso_connection SET tested_at = now()")
    assert hr.post(f"{PAGE}/state", data={"act": "enforce"}).status_code == 303 and scene.sql(
        "SELECT enforced FROM sso_connection"
    ) == [(False,)]
    assert hr.post(f"{PAGE}/me").status_code == 303
    assert scene.sql("SELECT m.email_norm FROM sso_identity i JOIN member m ON m.id = i.member_id") == [(scene.a.address("hr"),)]


def test_a_trial_ends_in_the_browser_that_began_it(
    scene: Scene, hr: FlaskClient, signed_in: Callable[[str], FlaskClient]
) -> None:
    there = hr.get(f"{PAGE}/try").headers["Location"]
    carried = scene.idp.sign_in(there, "u-1", **scene.person("hr"))
    other = signed_in(scene.a.address("sponsor"))
    assert other.get(f"{scene.door}/callback", query_string=carried).status_code == 403
    assert not scene.sql("SELECT 1 FROM sso_identity")


def test_only_an_hr_who_came_through_may_close_the_other_doors(scene: Scene, signed_in: Callable[[str], FlaskClient]) -> None:
    owner = signed_in("owner@alpha.example")
    try_it(scene, owner, **scene.person("hr"))
    owner.post(f"{PAGE}/state", data={"act": "enforce"})
    assert scene.sql("SELECT enforced FROM sso_connection") == [(False,)]
    scene.arrive(scene.browser(), "u-1", **scene.person("hr"))
    scene.sql("UPDATE member SET hr_sites = '{Lyon}'")
    owner.post(f"{PAGE}/state", data={"act": "enforce"})
    assert scene.sql("SELECT enforced FROM sso_connection") == [(False,)], "an HR of one site does not answer for all"
    scene.sql("UPDATE member SET hr_sites = '{}'")
    owner.post(f"{PAGE}/state", data={"act": "enforce"})
    assert scene.sql("SELECT enforced FROM sso_connection") == [(True,)]
    owner.post(f"{PAGE}/state", data={"act": "relax"})
    assert scene.sql("SELECT enforced FROM sso_connection") == [(False,)]


def test_a_firms_own_directory_is_never_the_only_way_in(scene: Scene, signed_in: Callable[[str], FlaskClient]) -> None:
    owner = signed_in("owner@alpha.example")
    assert owner.post("/alpha/sign-in/begin", data={"label": "Staff", "kind": "google"}).status_code == 303
    assert owner.post("/alpha/sign-in/provider", data=given(scene)).status_code == 303
    assert "It lets in Alpha Owner" not in try_it(
        scene, owner, "/alpha/sign-in", email="owner@alpha.example", email_verified=True
    ), "no domain"
    owner.post("/alpha/sign-in/state", data={"act": "on"})
    owner.post("/alpha/sign-in/state", data={"act": "enforce"})
    owner.post("/alpha/sign-in/roles", data={"claim": "groups", "values-0-value": "x", "values-0-role": "hr"})
    assert scene.sql("SELECT state, enforced, role_map FROM sso_connection WHERE workspace_id IS NULL") == [("active", False, {})]
    assert scene.sql("SELECT label FROM sso_connection WHERE workspace_id IS NOT NULL") == [("Directory",)]


def test_whoever_answers_for_a_part_or_for_none_has_no_such_page(scene: Scene, signed_in: Callable[[str], FlaskClient]) -> None:
    scene.sql("UPDATE member SET hr_sites = '{Lyon}' WHERE email_norm = %s", scene.a.address("hr"))
    for address in (scene.a.address("hr"), scene.a.address("sponsor"), "trainer@alpha.example", "accountant@alpha.example"):
        assert signed_in(address).get(PAGE).status_code == 403, address
    assert signed_in("advisor@alpha.example").get("/alpha/sign-in").status_code == 403


def test_its_pages_ask_who_is_there(scene: Scene, hr: FlaskClient) -> None:
    scene.sql("UPDATE sign_in SET fresh_at = now() - interval '10 minutes'")
    assert hr.get(PAGE).headers["Location"].startswith("/-/again")
    scene.sql("UPDATE sign_in SET fresh_at = now() - interval '40 minutes'")
    assert hr.post(f"{PAGE}/state", data={"act": "delete"}).status_code == 303 and scene.sql("SELECT 1 FROM sso_connection")


def test_a_session_that_was_open_at_the_provider_is_no_fresh_proof(scene: Scene) -> None:
    browser = scene.browser()
    scene.arrive(browser, **scene.person("hr"))
    assert browser.get(PAGE).status_code == 303
    scene.arrive(browser, auth_time=int(time.time()) - 3600)
    assert browser.get(PAGE).status_code == 303
    there = browser.get("/-/again", query_string={"next": PAGE}).headers["Location"]
    assert "again=1" in there
    carried = scene.idp.sign_in(scene.leave(browser, there), "u-1", auth_time=int(time.time()))
    back = browser.get(f"{scene.door}/callback", query_string=carried)
    assert back.headers["Location"] == PAGE and browser.get(PAGE).status_code == 200


def test_deleting_ends_what_it_opened_and_is_written_down(scene: Scene, hr: FlaskClient) -> None:
    scene.arrive(browser := scene.browser(), **scene.person())
    assert hr.post(f"{PAGE}/state", data={"act": "delete"}).status_code == 303
    assert not scene.sql("SELECT 1 FROM sso_identity") and not scene.is_in(browser)
    assert ("sso.deleted",) in scene.sql("SELECT action FROM journal WHERE workspace_id = %s", scene.a.id)
    assert "Connect your directory" in hr.get(PAGE).get_data(as_text=True)


def test_a_mapping_names_no_role_of_the_firm(scene: Scene, hr: FlaskClient) -> None:
    row = {"claim": "groups", "values-0-value": "Bosses", "values-0-role": "hr", "values-1-value": "x", "values-1-role": "owner"}
    assert hr.post(f"{PAGE}/roles", data=row).status_code == 303
    assert scene.sql("SELECT role_map FROM sso_connection") == [({"Bosses": "hr"},)]
    with scene.app.app_context(), inside(scene.a.scope):
        found = own_connection()
        assert found is not None
        connecting.map_roles(found, "groups", {"a": "owner", "b": "hr", " ": "sponsor"})
        assert found.role_map == {"b": "hr"}
        with pytest.raises(Refused):
            connecting.map_roles(found, "", {"b": "hr"})


def test_the_community_says_who_vouches_for_its_people(scene: Scene, signed_in: Callable[[str], FlaskClient]) -> None:
    browser, told = signed_in(scene.a.address("second")), "recognised by its IT department"
    assert told in browser.get(f"/alpha/w/{scene.a.slug}/community").get_data(as_text=True)
    scene.sql("UPDATE sso_connection SET state = 'off'")
    assert told not in browser.get(f"/alpha/w/{scene.a.slug}/community").get_data(as_text=True)


def test_a_person_with_another_account_is_let_in_once_hr_says_so(scene: Scene, hr: FlaskClient) -> None:
    scene.arrive(former := scene.browser(), "u-old", **scene.person())
    assert scene.arrive(scene.browser(), "u-new", **scene.person()).status_code == 403
    assert hr.post(f"{PAGE}/unlink", data={"email": scene.b.address("participant")}).status_code == 422
    assert hr.post(f"{PAGE}/unlink", data={"email": scene.a.address("participant").upper()}).status_code == 303
    assert not scene.is_in(former), "what the former account had opened is closed"
    assert scene.arrive(scene.browser(), "u-new", **scene.person()).status_code == 303
    assert scene.arrive(scene.browser(), "u-old").status_code == 403
