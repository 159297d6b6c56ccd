"""Sign-ins: what each opens, how long, where they are listed and ended; a proof again before what is sensitive."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from saas.catalogue.commands import feeds
from saas.identity.commands.inviting import invitation_token
from saas.identity.commands.signing import Opens
from saas.identity.models import Invitation
from saas.kit.clock import now, today
from tenants.db import db, new_id
from tenants.scope import inside
from tests.cast import World, account_of
from tests.identity.support import Superuser, connection, digits_of, mail, through

OWNER, HR = "owner@alpha.example", "hr@alpha-a.example"
SignedIn = Callable[[str], FlaskClient]


def age(superuser: Superuser, column: str, by: str) -> None:
    superuser.execute(f"UPDATE sign_in SET {column} = now() - %s::interval".encode(), (by,))


@pytest.mark.parametrize(
    ("address", "page", "column", "by", "open_"),
    [
        (OWNER, "/alpha/", "seen_at", "29 minutes", True),
        (OWNER, "/alpha/", "seen_at", "31 minutes", False),
        (OWNER, "/alpha/", "created_at", "719 minutes", True),
        (OWNER, "/alpha/", "created_at", "721 minutes", False),
        (HR, "/alpha/w/alpha-a/people", "seen_at", "29 days", True),
        (HR, "/alpha/w/alpha-a/people", "seen_at", "31 days", False),
        (HR, "/alpha/w/alpha-a/people", "created_at", "89 days", True),
        (HR, "/alpha/w/alpha-a/people", "created_at", "91 days", False),
    ],
)
def test_staff_have_half_an_hour_and_twelve_managers_thirty_days_and_ninety(
    app: Flask, world: World, signed_in: SignedIn, superuser: Superuser, address: str, page: str, column: str, by: str, open_: bool
) -> None:  # fmt: skip
    browser = signed_in(address)
    age(superuser, column, by)
    assert browser.get(page).status_code == (200 if open_ else 303)
    assert browser.get(page).status_code == (200 if open_ else 303), "what is over stays over: looking wakes nothing"


def test_somebody_who_works_for_a_firm_and_is_in_a_company_has_the_shorter_life(
    app: Flask, world: World, signed_in: SignedIn, superuser: Superuser
) -> None:
    with app.app_context():
        account = account_of(HR)
    superuser.execute("UPDATE staff SET account_id = %s WHERE email = 'advisor@alpha.example'", (account,))
    browser = signed_in(HR)
    age(superuser, "seen_at", "31 minutes")
    assert browser.get("/alpha/w/alpha-a/people").status_code == 303


def test_each_page_counts_as_use_once_a_minute(app: Flask, world: World, signed_in: SignedIn, superuser: Superuser) -> None:
    browser = signed_in(OWNER)
    age(superuser, "seen_at", "20 minutes")
    browser.get("/alpha/")
    first = superuser.execute("SELECT seen_at > now() - interval '10 seconds', seen_at FROM sign_in").fetchone()
    browser.get("/alpha/")
    assert first and first[0] and superuser.execute("SELECT seen_at FROM sign_in").fetchone() == (first[1],)


def test_signing_in_makes_a_new_token_and_ends_the_one_before(app: Flask, world: World, client: FlaskClient) -> None:
    """A cookie that somebody planted beforehand is worth nothing afterwards."""
    for _ in range(2):
        client.post("/-/sign-in", data={"email": HR})
        before = client.get_cookie(app.config["SIGN_IN_COOKIE"])
        client.post("/-/sign-in/code", data={"code": digits_of(mail(app, HR))})
    after = client.get_cookie(app.config["SIGN_IN_COOKIE"])
    assert before and after and before.value != after.value
    planted = app.test_client()
    planted.set_cookie(app.config["SIGN_IN_COOKIE"], before.value)
    assert planted.get("/alpha/w/alpha-a/people").status_code == 303


def test_cookies_are_closed_to_scripts_and_other_sites(app: Flask, world: World, client: FlaskClient) -> None:
    client.post("/-/sign-in", data={"email": HR})
    answers = [
        client.post("/-/sign-in/code", data={"code": digits_of(mail(app, HR))}),
        client.post("/-/language", data={"language": "fr"}),
        client.post("/-/sign-out"),
    ]
    set_ = [line for answer in answers for line in answer.headers.getlist("Set-Cookie")]
    assert len(set_) >= 4
    for line in set_:
        assert "Secure" in line and "HttpOnly" in line and "SameSite=Lax" in line and "Path=/" in line and "Domain" not in line, (
            line
        )
        assert line.startswith(("__Host-", "language=")), line


def test_the_secret_of_a_cookie_is_in_no_table(app: Flask, world: World, signed_in: SignedIn, superuser: Superuser) -> None:
    cookie = signed_in(HR).get_cookie(app.config["SIGN_IN_COOKIE"])
    assert cookie and len(cookie.value) >= 43, "256 bits"
    assert cookie.value not in str(superuser.execute("SELECT t::text FROM sign_in t").fetchall())


def test_devices_are_listed_and_ended_one_by_one_or_all(
    app: Flask, world: World, signed_in: SignedIn, superuser: Superuser
) -> None:
    here, phone, tablet = signed_in(HR), signed_in(HR), signed_in(HR)
    page = here.get("/-/account").get_data(as_text=True)
    ids = re.findall(r"/-/account/sign-ins/([0-9a-f-]{36})/end", page)
    assert len(ids) == 3 and page.count("this device") == 1
    mine = superuser.execute("SELECT id::text FROM sign_in ORDER BY created_at").fetchall()
    assert here.post(f"/-/account/sign-ins/{mine[1][0]}/end").status_code == 303
    assert phone.get("/-/account").status_code == 303 and tablet.get("/-/account").status_code == 200
    assert here.post("/-/account/sign-ins/end").status_code == 303
    assert tablet.get("/-/account").status_code == 303 and here.get("/-/account").status_code == 200
    assert here.post(f"/-/account/sign-ins/{mine[0][0]}/end").location == "/-/signed-out"
    assert here.get("/-/account").status_code == 303


def test_nobody_ends_a_sign_in_of_somebody_else(app: Flask, world: World, signed_in: SignedIn, superuser: Superuser) -> None:
    theirs, mine = signed_in(OWNER), signed_in(HR)
    row = superuser.execute("SELECT s.id FROM sign_in s JOIN staff t ON t.account_id = s.account_id").fetchone()
    assert row and mine.post(f"/-/account/sign-ins/{row[0]}/end").status_code == 404
    assert mine.post(f"/-/account/sign-ins/{new_id()}/end").status_code == 404
    assert theirs.get("/alpha/").status_code == 200


def test_a_new_browser_is_announced_and_the_same_one_is_not(app: Flask, world: World, client: FlaskClient) -> None:
    def enter(browser: FlaskClient) -> None:
        browser.post("/-/sign-in", data={"email": HR})
        browser.post("/-/sign-in/code", data={"code": digits_of(mail(app, HR))})

    enter(client)
    assert "not been used before" not in mail(app, HR), "the first one of all is no news"
    enter(client)
    assert "not been used before" not in mail(app, HR)
    enter(app.test_client())
    assert "not been used before" in mail(app, HR)


SENSITIVE = ("/-/account/password", "/-/factor/new")


@pytest.mark.parametrize("path", SENSITIVE)
def test_what_is_sensitive_asks_for_a_proof_of_the_last_five_minutes(
    app: Flask, world: World, signed_in: SignedIn, superuser: Superuser, path: str
) -> None:
    browser = signed_in(HR)
    assert browser.get(path).status_code == 200
    age(superuser, "fresh_at", "6 minutes")
    assert browser.get(path).location == f"/-/again?next={path}"
    age(superuser, "fresh_at", "31 minutes")
    sent = browser.post(path, data={"password": "a long sentence of mine"})
    assert sent.status_code == 303 and sent.location.startswith("/-/again")
    assert superuser.execute("SELECT count(*) FROM account WHERE password_hash IS NOT NULL").fetchone() == (0,)


def test_a_mailed_code_proves_it_and_the_token_changes(
    app: Flask, world: World, signed_in: SignedIn, superuser: Superuser
) -> None:
    browser = signed_in(HR)
    age(superuser, "fresh_at", "6 minutes")
    before = browser.get_cookie(app.config["SIGN_IN_COOKIE"])
    assert browser.post("/-/again/code", data={"email": HR, "next": SENSITIVE[0]}).status_code == 303
    wrong = browser.post("/-/again", data={"way": "code", "code": "000000"})
    assert wrong.status_code == 422
    right = browser.post("/-/again", data={"way": "code", "code": digits_of(mail(app, HR)), "next": SENSITIVE[0]})
    after = browser.get_cookie(app.config["SIGN_IN_COOKIE"])
    assert right.location == SENSITIVE[0] and browser.get(SENSITIVE[0]).status_code == 200
    assert before and after and before.value != after.value


def test_nothing_else_proves_it(app: Flask, world: World, signed_in: SignedIn, superuser: Superuser) -> None:
    browser = signed_in(HR)
    age(superuser, "fresh_at", "6 minutes")
    for way in ("demo", "password", "factor", "code", "", "x"):
        assert browser.post("/-/again", data={"way": way, "password": "", "code": "1", "next": "/-/account"}).status_code in (
            404,
            422,
        )
    assert browser.post("/-/again/code", data={"email": OWNER}).status_code == 404, "nobody has a code sent to somebody else"
    assert browser.get(SENSITIVE[0]).status_code == 303


def test_signing_in_and_out_is_written_for_staff_and_hr_and_not_for_managers(
    app: Flask, world: World, signed_in: SignedIn, superuser: Superuser
) -> None:
    for address in (OWNER, HR, "participant@alpha-a.example"):
        signed_in(address).post("/-/account/sign-ins/end")
        signed_in(address)
    rows = superuser.execute("SELECT actor, workspace_id IS NULL FROM journal WHERE action = 'sign_in.opened'").fetchall()
    assert {(str(actor).split()[0], firm) for actor, firm in rows} == {("Alpha", True), ("Hr", False)}


def test_a_grant_for_one_company_opens_that_company_alone(app: Flask, world: World, superuser: Superuser) -> None:
    """Somebody who is HR of alpha-a, in beta-a, and staff of alpha: alpha-a's provider opens alpha-a and tells of nothing else."""
    a, beta = world.companies[0], world.firms[1].companies[0]
    with app.app_context():
        account = account_of(HR)
    superuser.execute("UPDATE staff SET account_id = %s WHERE email = 'owner@alpha.example'", (account,))
    superuser.execute("UPDATE member SET account_id = %s WHERE email = %s", (account, beta.address("participant")))
    with_provider = connection(app, a.scope)
    browser = through(app, HR, Opens("oidc", with_provider, a.firm_id, a.id, proved_at=now()))
    assert browser.get("/alpha/w/alpha-a/people").status_code == 200
    for path in ("/alpha/", "/alpha/clients", "/alpha/w/alpha-b/", "/beta/w/beta-a/", "/beta/w/beta-a/sessions"):
        assert browser.get(path).status_code == 404, path
    chooser = browser.get("/-/chooser").get_data(as_text=True)
    assert chooser.count('class="choice"') == 1 and "beta" not in chooser
    account_page = browser.get("/-/account").get_data(as_text=True)
    assert "owner@alpha.example" not in account_page and "/-/account/password" not in account_page
    assert browser.get("/-/account/password").status_code == 403
    assert browser.post("/-/account/sign-ins/end").status_code == 403
    assert browser.get("/-/factor/new").status_code == 404


def test_a_grant_for_the_firm_opens_no_client_as_a_member(app: Flask, world: World, superuser: Superuser) -> None:
    alpha, a = world.firms[0], world.companies[0]
    with app.app_context():
        account = account_of("trainer@alpha.example")
    superuser.execute("UPDATE member SET account_id = %s WHERE email = %s", (account, HR))
    browser = through(app, "trainer@alpha.example", Opens("oidc", connection(app, alpha.scope), alpha.id))
    assert browser.get("/alpha/programmes").status_code == 200
    assert browser.get(f"/alpha/w/{a.slug}/people").status_code == 403, "a trainer there, not the HR that they also are"


@pytest.mark.parametrize("ended", ["DELETE FROM sso_connection", "UPDATE sso_connection SET state = 'off'"])
def test_a_connection_that_ends_ends_what_it_opened(app: Flask, world: World, superuser: Superuser, ended: str) -> None:
    a = world.companies[0]
    browser = through(app, HR, Opens("oidc", connection(app, a.scope), a.firm_id, a.id))
    assert browser.get("/alpha/w/alpha-a/people").status_code == 200
    superuser.execute(ended.encode())
    assert browser.get("/alpha/w/alpha-a/people").status_code == 303


def test_a_company_that_keeps_to_its_own_sign_in_is_opened_by_no_other(
    app: Flask, world: World, signed_in: SignedIn, superuser: Superuser
) -> None:
    a = world.companies[0]
    before = signed_in(HR)
    only = connection(app, a.scope, enforced=True)
    for browser in (before, signed_in(HR)):
        answer = browser.get("/alpha/w/alpha-a/people")
        assert answer.status_code == 303 and answer.location.startswith(f"/-/sso/{only}")
    assert through(app, HR, Opens("oidc", only, a.firm_id, a.id)).get("/alpha/w/alpha-a/people").status_code == 200
    other = connection(app, a.scope)
    assert through(app, HR, Opens("oidc", other, a.firm_id, a.id)).get("/alpha/w/alpha-a/people").status_code == 303
    assert signed_in(OWNER).get("/alpha/w/alpha-a/people").status_code == 200, "the firm can still act, and undo it"


def test_a_provider_adds_to_what_somebody_proved_and_renews_nothing_of_it(app: Flask, world: World, superuser: Superuser) -> None:
    a = world.companies[0]
    with app.app_context():
        account = account_of(HR)
    superuser.execute("UPDATE staff SET account_id = %s WHERE email = 'advisor@alpha.example'", (account,))
    browser = through(app, HR, Opens("email"))
    superuser.execute("UPDATE sign_in SET created_at = now() - interval '11 hours', fresh_at = now() - interval '1 hour'")
    only = connection(app, a.scope)
    cookie = browser.get_cookie(app.config["SIGN_IN_COOKIE"])
    assert cookie
    from saas.identity.commands.signing import Browser, sign_in
    from tenants.scope import Scope, inside

    with app.app_context(), inside(Scope.platform()):
        token = sign_in(account, Opens("oidc", only, a.firm_id, a.id), Browser("tests"), cookie.value).token
    browser.set_cookie(app.config["SIGN_IN_COOKIE"], token)
    assert browser.get("/alpha/").status_code == 200, "the firm is still open"
    assert browser.get("/-/account/password").location.startswith("/-/again"), "and nothing is fresh"
    superuser.execute("UPDATE sign_in SET created_at = created_at - interval '2 hours'")
    assert browser.get("/alpha/").status_code == 303, "nor were the twelve hours begun anew"


def test_whoever_leaves_is_out_everywhere_at_once(app: Flask, world: World, signed_in: SignedIn, client: FlaskClient) -> None:
    """HR says that somebody has left; their phone, their desk, their directory, their calendar and their mails open nothing."""
    a = world.companies[0]
    hr, address = signed_in(HR), a.address("second")
    phone, desk = signed_in(address), signed_in(address)
    directory = through(app, address, Opens("oidc", connection(app, a.scope), a.firm_id, a.id))
    with app.app_context(), inside(a.scope):
        feed = f"/-/calendars/{feeds.token_of(feeds.renew_member(a.ids['member_id']))}/seats.ics"
    client.post("/-/sign-in", data={"email": address})
    asked = digits_of(mail(app, address))
    with app.app_context(), inside(a.scope):
        invited = f"/-/invitation/{invitation_token(db.session.get_one(Invitation, a.ids['invitation']))}"
    open_before = [b.get("/alpha/w/alpha-a/").status_code for b in (phone, desk, directory)] + [client.get(feed).status_code]
    assert open_before == [200] * 4 and phone.get("/alpha/w/alpha-a/community").status_code == 200

    day = {"left_on": today().isoformat()}
    assert hr.post(f"/alpha/w/alpha-a/people/{a.ids['member_id']}/leave", data=day).status_code == 303

    assert [b.get("/alpha/w/alpha-a/").status_code for b in (phone, desk, directory)] == [404] * 3
    assert phone.get("/alpha/w/alpha-a/community").status_code == 404 and client.get(feed).status_code == 404
    assert app.test_client().get(invited).status_code == 410
    client.post("/-/sign-in/code", data={"code": asked})
    assert client.get("/alpha/w/alpha-a/").status_code in (303, 404)
    assert 'class="choice"' not in client.get("/-/chooser").get_data(as_text=True)
