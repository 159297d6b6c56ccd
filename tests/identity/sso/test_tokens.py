"""Forged tokens and forged answers: each is refused, leaves nobody signed in and makes nobody."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from typing import Any

import pytest
from joserfc.jwk import OctKey, RSAKey

from tenants.queue import connection
from tests.identity.sso.conftest import Scene
from tests.identity.sso.provider import KEYS, SECRET, Minted, signed_by_public_key

STRANGER = RSAKey.generate_key(2048, {"kid": "key-0", "use": "sig"})


def says(**claims: Any) -> Callable[[Minted], None]:
    """Other claims; None takes one away."""

    def forge(minted: Minted) -> None:
        minted.claims = {name: value for name, value in {**minted.claims, **claims}.items() if value is not None}

    return forge


def signed(key: Any, **header: Any) -> Callable[[Minted], None]:
    """Another key and header."""

    def forge(minted: Minted) -> None:
        minted.key, minted.header = key, {**minted.header, **header}
        minted.algorithms = [minted.header["alg"]]

    return forge


def told(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[[Minted], None]:
    """Another answer of the token endpoint."""

    def forge(minted: Minted) -> None:
        minted.answer = change

    return forge


def altered(change: Callable[[str], str]) -> Callable[[Minted], None]:
    def forge(minted: Minted) -> None:
        minted.after = change

    return forge


def unsigned(token: str) -> str:
    header = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    return f"{header}.{token.split('.')[1]}."


def other_payload(token: str) -> str:
    head, payload, signature = token.split(".")
    return f"{head}.{payload[:-4]}AAAA.{signature}"


NOW = int(time.time())
FORGED: dict[str, Callable[[Minted], None]] = {
    "of another issuer": says(iss="https://evil.example"),
    "of no issuer": says(iss=None),
    "of an issuer with a slash more": lambda m: says(iss=m.claims["iss"] + "/")(m),
    "of an issuer in capitals": lambda m: says(iss=m.claims["iss"].upper())(m),
    "for another client": says(aud="other"),
    "for another client, with our name as authorised party": lambda m: says(azp=m.claims["aud"], aud="other")(m),
    "for us and another client": lambda m: says(aud=[m.claims["aud"], "other"], azp=m.claims["aud"])(m),
    "for us, given to another party": says(azp="other"),
    "for nobody": says(aud=None),
    "for an empty list": says(aud=[]),
    "with another nonce": says(nonce="other"),
    "without a nonce": says(nonce=None),
    "that ended a minute ago": says(exp=NOW - 60),
    "that never ends": says(exp=None),
    "that ends in words": says(exp="tomorrow"),
    "of in two minutes": says(iat=NOW + 7200),
    "not yet good": says(nbf=NOW + 7200),
    "about nobody": says(sub=None),
    "about an empty name": says(sub=""),
    "about a number": says(sub=7),
    "about somebody with an endless name": says(sub="x" * 300),
    "unsigned": altered(unsigned),
    "signed with our secret": signed(OctKey.import_key(SECRET), alg="HS256"),
    "signed with the public key as a secret": altered(signed_by_public_key(KEYS[0])),
    "signed by a stranger under a known name": signed(STRANGER),
    "signed by a stranger under a new name": signed(KEYS[2], kid="key-9"),
    "signed by a stranger whose key it brings": lambda m: signed(STRANGER, jwk=STRANGER.as_dict(private=False))(m),
    "changed after it was signed": altered(other_payload),
    "that is no token": altered(lambda _token: "x.y.z"),
    "bound to another access token": says(at_hash="AAAAAAAAAAAAAAAAAAAAAA"),
    "left out": told(lambda answer: {k: v for k, v in answer.items() if k != "id_token"}),
    "in a list": told(lambda answer: {**answer, "id_token": [answer["id_token"]]}),
    "replaced by an error": told(lambda _answer: {"error": "server_error"}),
    "replaced by nothing": told(lambda _answer: {}),
}
ANSWERS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "of another issuer (RFC 9207)": lambda said: {**said, "iss": "https://evil.example"},
    "that does not say whose it is, though it was promised": lambda said: {k: v for k, v in said.items() if k != "iss"},
    "with a state that nobody made": lambda said: {**said, "state": "made-up"},
    "without a state": lambda said: {k: v for k, v in said.items() if k != "state"},
    "without a code": lambda said: {k: v for k, v in said.items() if k != "code"},
    "with a code that nobody gave": lambda said: {**said, "code": "made-up"},
}


def test_enough_is_tried() -> None:
    """The figure of the matrix."""
    assert len(FORGED) + len(ANSWERS) >= 40


def people(scene: Scene) -> Any:
    return scene.sql(
        "SELECT (SELECT count(*) FROM account), (SELECT count(*) FROM member), (SELECT count(*) FROM sign_in), (SELECT count(*) FROM sso_identity)"
    )


def test_every_forged_token_is_refused(scene: Scene) -> None:
    before, faults = people(scene), []
    for name, forge in FORGED.items():
        browser = scene.browser()
        scene.idp.forge = forge
        answer = scene.arrive(browser, **scene.person())
        scene.idp.forge = None
        if answer.status_code != 403 or scene.is_signed_in(browser) or people(scene) != before:
            faults.append((name, answer.status_code))
        assert "could not accept" in answer.get_data(as_text=True), name
    assert not faults, faults


def test_every_forged_answer_is_refused(scene: Scene) -> None:
    before, faults = people(scene), []
    for name, change in ANSWERS.items():
        browser = scene.browser()
        carried = change(scene.idp.sign_in(scene.leave(browser), "u-1", **scene.person()))
        answer = browser.get(f"{scene.door}/callback", query_string=carried)
        if answer.status_code != 403 or scene.is_signed_in(browser) or people(scene) != before:
            faults.append((name, answer.status_code))
    assert not faults, faults


def test_the_honest_token_of_the_same_scene_opens(scene: Scene) -> None:
    """So that what is refused above is refused for its fault."""
    browser = scene.browser()
    answer = scene.arrive(browser, **scene.person())
    assert answer.status_code == 303 and answer.headers["Location"] == f"/alpha/w/{scene.a.slug}/"
    assert scene.is_in(browser)


@pytest.mark.parametrize(
    ("claims", "opens"), [({"exp": -25}, True), ({"exp": -40}, False), ({"iat": 25}, True), ({"iat": 60}, False)]
)
def test_clocks_may_differ_by_half_a_minute(scene: Scene, claims: dict[str, int], opens: bool) -> None:
    moment = int(time.time())
    scene.idp.forge = says(**{name: moment + seconds for name, seconds in claims.items()})
    assert (scene.arrive(scene.browser(), **scene.person()).status_code == 303) is opens


def test_a_state_is_used_once_and_in_its_own_browser(scene: Scene) -> None:
    """Replay, login CSRF and code injection: the victim's browser has made no such state."""
    attacker, victim = scene.browser(), scene.browser()
    there = scene.leave(attacker)
    carried = scene.idp.sign_in(there, "u-evil", **scene.person("second"))
    assert victim.get(f"{scene.door}/callback", query_string=carried).status_code == 403
    assert not scene.is_signed_in(victim)
    assert attacker.get(f"{scene.door}/callback", query_string=carried).status_code == 303
    again = scene.idp.sign_in(there, "u-evil", **scene.person("second"))
    assert attacker.get(f"{scene.door}/callback", query_string=again).status_code == 403


def test_a_code_of_another_browser_is_worth_nothing(scene: Scene) -> None:
    """PKCE: the code was asked for with another browser's challenge."""
    attacker, victim = scene.browser(), scene.browser()
    stolen = scene.idp.sign_in(scene.leave(victim), "u-victim", **scene.person("hr"))
    mine = scene.idp.sign_in(scene.leave(attacker), "u-evil", **scene.person("second"))
    answer = attacker.get(f"{scene.door}/callback", query_string={**mine, "code": stolen["code"]})
    assert answer.status_code == 403 and not scene.is_signed_in(attacker)


def test_an_answer_for_one_connection_is_nothing_at_another(scene: Scene) -> None:
    other = scene.connect(scene.b.scope, f"{scene.b.slug}.example")
    browser = scene.browser()
    carried = scene.idp.sign_in(scene.leave(browser), "u-1", **scene.person())
    assert browser.get(f"/-/sso/{other}/callback", query_string=carried).status_code == 403
    assert not scene.is_signed_in(browser)


def test_a_state_ends_after_ten_minutes(scene: Scene) -> None:
    browser = scene.browser()
    scene.leave(browser)
    with scene.app.app_context():
        keys = list(connection().scan_iter("_state_*"))
        assert len(keys) == 1 and 0 < connection().ttl(keys[0]) <= 600


def test_keys_may_change_and_old_ones_are_let_go(scene: Scene) -> None:
    assert scene.arrive(scene.browser(), **scene.person()).status_code == 303
    scene.idp.keys = [KEYS[1]]
    assert scene.arrive(scene.browser(), **scene.person()).status_code == 303, "a new name is looked for"
    scene.idp.keys = [KEYS[0]]
    assert scene.arrive(scene.browser(), **scene.person()).status_code == 403, "the old key is not there any more"


def test_nobody_makes_us_ask_for_keys_again_and_again(scene: Scene) -> None:
    scene.idp.forge = signed(KEYS[2], kid="key-9")
    for _ in range(4):
        scene.arrive(scene.browser(), **scene.person())
    assert scene.idp.asked.count("/jwks") == 2, "once when it was connected, once when the name was not there"


def test_a_description_turns_nothing_off(scene: Scene) -> None:
    """Fields of a description that Authlib's client would take for its own settings are not kept."""
    scene.idp.document = {
        "code_challenge_method": "plain", "response_type": "token", "verify": False, "proxies": {"http": "http://127.0.0.1:1"},
        "grant_type": "password", "nonce": "fixed", "prompt": "none", "scope": "profile", "token_endpoint_auth_method": "none",
    }  # fmt: skip
    scene.connect(scene.a.scope, f"{scene.a.slug}.example")
    (kept,) = scene.sql("SELECT discovery FROM sso_connection")[0]
    assert not set(scene.idp.document) & set(kept)
    browser = scene.browser()
    there = scene.leave(browser)
    assert "nonce=fixed" not in there and "prompt" not in there
    assert scene.arrive(browser, **scene.person()).status_code == 303


def test_secrets_travel_by_the_way_that_the_provider_takes(scene: Scene) -> None:
    for methods in (["client_secret_basic"], ["client_secret_post"], ["client_secret_post", "client_secret_basic"]):
        scene.idp.document = {"token_endpoint_auth_methods_supported": methods}
        scene.connect(scene.a.scope, f"{scene.a.slug}.example")
        assert scene.arrive(scene.browser(), **scene.person()).status_code == 303, methods


def test_what_userinfo_says_of_another_subject_is_nothing(scene: Scene) -> None:
    scene.idp.document = {"userinfo_endpoint": f"{scene.idp.issuer}/userinfo"}
    scene.connect(scene.a.scope, f"{scene.a.slug}.example")
    scene.idp.userinfo = {"sub": "u-other", **scene.person("hr")}
    assert scene.arrive(scene.browser(), "u-1").status_code == 403
    scene.idp.userinfo["sub"] = "u-1"
    browser = scene.browser()
    assert scene.arrive(browser, "u-1").status_code == 303
    assert browser.get(f"/alpha/w/{scene.a.slug}/people").status_code == 200


def test_a_provider_that_is_away_is_said_to_be(scene: Scene) -> None:
    browser = scene.browser()
    carried = scene.idp.sign_in(scene.leave(browser), "u-1", **scene.person())
    scene.app.config["OUTBOUND_EXEMPT"] = ""
    answer = browser.get(f"{scene.door}/callback", query_string=carried)
    assert answer.status_code == 403 and "does not answer" in answer.get_data(as_text=True)


def test_an_older_description_stands_in_and_a_changed_issuer_does_not(scene: Scene) -> None:
    old = "UPDATE sso_connection SET fetched_at = now() - interval '2 days'"
    scene.sql(old)
    scene.idp.down = True
    browser = scene.browser()
    assert scene.leave(browser)
    scene.idp.down = False
    scene.idp.document = {"issuer": "https://evil.example"}
    assert browser.get(scene.door).status_code == 502


def test_signing_in_again_is_proved_by_the_provider(scene: Scene) -> None:
    browser = scene.browser()
    there = scene.leave(browser, again="1")
    assert "prompt=login" in there and "max_age=0" in there
    for auth_time, status in ((None, 403), (int(time.time()) - 600, 403), (int(time.time()), 303)):
        claims = {} if auth_time is None else {"auth_time": auth_time}
        answer = scene.arrive(scene.browser(), query={"again": "1"}, **scene.person(), **claims)
        assert answer.status_code == status, auth_time
