"""Leaving: by the provider's word behind the scenes, by one's own click; and what a mail may say of directories."""

from __future__ import annotations

import time

import pytest
from flask.testing import FlaskClient

from saas.identity.sso.queries import connections_for
from tenants.scope import Scope, inside
from tests.identity.sso.conftest import Scene
from tests.identity.sso.provider import CLIENT, KEYS


@pytest.fixture
def inside_now(scene: Scene) -> FlaskClient:
    browser = scene.browser()
    scene.arrive(browser, "u-1", sid="session-1", **scene.person())
    assert scene.is_in(browser)
    return browser


@pytest.mark.parametrize("named", [{"sub": "u-1"}, {"sid": "session-1"}, {"sub": "u-1", "sid": "session-1"}])
def test_the_provider_ends_what_it_opened(scene: Scene, inside_now: FlaskClient, named: dict[str, str]) -> None:
    answer = scene.browser().post(f"{scene.door}/logout", data={"logout_token": scene.idp.logout_token(**named)})
    assert answer.status_code == 200 and "no-store" in answer.headers["Cache-Control"]
    assert not scene.is_signed_in(inside_now)


def test_a_false_logout_ends_nothing(scene: Scene, inside_now: FlaskClient) -> None:
    mint, tokens = scene.idp.logout_token, []
    event = "http://schemas.openid.net/event/backchannel-logout"
    for more in (
        {"aud": "other"}, {"iss": "https://evil.example"}, {"nonce": "x"}, {"events": {}}, {"events": {event: True}}, {"jti": None},
        {"iat": int(time.time()) - 900}, {"exp": int(time.time()) - 60}, {"sub": None}, {"sub": 7}, {"iat": "now"},
    ):  # fmt: skip
        tokens.append(mint(**{"sub": "u-1", **more}))
    tokens.append(mint(lambda m: setattr(m, "key", KEYS[2]), sub="u-1"))
    tokens += ["", "x.y.z"]
    for token in tokens:
        assert scene.browser().post(f"{scene.door}/logout", data={"logout_token": token}).status_code == 400, token
    assert scene.is_in(inside_now)
    assert scene.browser().post(f"{scene.door}/logout", data={"logout_token": mint(sub="u-2")}).status_code == 200
    assert scene.is_in(inside_now), "somebody else was named"


def test_a_logout_counts_once(scene: Scene, inside_now: FlaskClient) -> None:
    token = scene.idp.logout_token(sub="u-1")
    assert scene.browser().post(f"{scene.door}/logout", data={"logout_token": token}).status_code == 200
    assert scene.browser().post(f"{scene.door}/logout", data={"logout_token": token}).status_code == 400


def test_whoever_had_proved_themselves_keeps_that(scene: Scene, hr: FlaskClient) -> None:
    scene.arrive(hr, "u-hr", **scene.person("hr"))
    scene.browser().post(f"{scene.door}/logout", data={"logout_token": scene.idp.logout_token(sub="u-hr")})
    assert scene.is_in(hr), "by their own mailed link"
    assert scene.sql("SELECT count(*) FROM sign_in_grant WHERE connection_id IS NOT NULL")[0][0] == 0


def test_signing_out_offers_the_provider_too(scene: Scene, inside_now: FlaskClient) -> None:
    page = inside_now.get("/-/signed-out").get_data(as_text=True)
    assert f"{scene.door}/leave" in page
    there = inside_now.get(f"{scene.door}/leave").headers["Location"]
    assert there.startswith(f"{scene.idp.issuer}/leave?") and f"client_id={CLIENT}" in there
    assert f"{scene.door}/leave" not in scene.browser().get("/-/signed-out").get_data(as_text=True)
    forged = scene.browser()
    forged.set_cookie(f"{scene.app.config['SIGN_IN_COOKIE']}-sso", '{"id":"x"}.forged')
    assert forged.get("/-/signed-out").status_code == 200


def test_the_mail_of_signing_in_may_name_the_directories_of_an_address(scene: Scene) -> None:
    with scene.app.app_context(), inside(Scope.platform()):
        assert [known.id for known in connections_for(scene.a.address("hr"))] == [scene.connection_id]
        assert connections_for(scene.b.address("hr")) == [] == connections_for("nobody@alpha-a.example")
