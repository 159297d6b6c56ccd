"""Invitations: bound to an address, a membership and its roles; once; for a week; never taken by somebody else."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient

from saas.identity.commands.inviting import invitation_token
from saas.identity.models import Invitation
from tenants.db import db
from tenants.scope import inside
from tests.cast import Company, World
from tests.identity.support import Superuser, connection, mail

SignedIn = Callable[[str], FlaskClient]


def link(app: Flask, company: Company) -> str:
    with app.app_context(), inside(company.scope):
        invitation = db.session.get_one(Invitation, company.ids["invitation"])
        return f"/-/invitation/{invitation_token(invitation)}"


def joined(superuser: Superuser, company: Company) -> bool:
    row = superuser.execute("SELECT used_at FROM invitation WHERE id = %s", (company.ids["invitation"],)).fetchone()
    return bool(row and row[0])


def test_looking_uses_nothing_up_and_joining_works_once(
    app: Flask, world: World, client: FlaskClient, superuser: Superuser
) -> None:
    company = world.companies[0]
    path = link(app, company)
    for _ in range(3):
        assert client.get(path).status_code == 200
    assert not joined(superuser, company)
    assert client.post(path).location == "/alpha/w/alpha-a/" and joined(superuser, company)
    other = app.test_client()
    assert other.get(path).status_code == 410
    assert other.post(path).status_code in (303, 409) and other.get("/alpha/w/alpha-a/").status_code == 303


def test_whoever_is_signed_in_as_somebody_else_is_told_and_takes_nothing(
    app: Flask, world: World, signed_in: SignedIn, superuser: Superuser
) -> None:
    company = world.companies[0]
    hr = signed_in(company.address("hr"))
    page = hr.get(link(app, company)).get_data(as_text=True)
    assert company.address("second") in page and "Sign out first" in page and ">Join<" not in page
    answer = hr.post(link(app, company))
    assert answer.status_code == 409 and "Sign out first" in answer.get_data(as_text=True)
    assert not joined(superuser, company)


def test_whose_address_it_is_already_joins_while_signed_in(app: Flask, world: World, signed_in: SignedIn) -> None:
    company = world.companies[0]
    assert signed_in(company.address("second")).post(link(app, company)).location == "/alpha/w/alpha-a/"


def test_an_old_mail_opens_no_more_than_it_said(app: Flask, world: World, client: FlaskClient, superuser: Superuser) -> None:
    company = world.companies[0]
    client.set_cookie("language", "en")
    superuser.execute(
        "UPDATE member SET roles = '{hr,participant}', account_id = NULL WHERE email = %s", (company.address("second"),)
    )
    page = client.get(link(app, company))
    assert page.status_code == 410 and "has changed since" in page.get_data(as_text=True)
    client.post(link(app, company))
    assert not joined(superuser, company) and client.get("/alpha/w/alpha-a/").status_code == 303


def test_whoever_is_given_more_before_they_joined_gets_a_new_mail(
    app: Flask, world: World, signed_in: SignedIn, client: FlaskClient, superuser: Superuser
) -> None:
    company = world.companies[0]
    superuser.execute("UPDATE member SET account_id = NULL WHERE email = %s", (company.address("second"),))
    hr = signed_in(company.address("hr"))
    hr.post(f"/alpha/w/alpha-a/people/{company.ids['member_id']}/roles", data={"roles": ["hr", "participant"]})
    assert "/-/invitation/" in mail(app, company.address("second"))
    assert client.post(link(app, company)).location == "/alpha/w/alpha-a/"


def test_it_ends_after_a_week_and_when_it_is_withdrawn(
    app: Flask, world: World, client: FlaskClient, superuser: Superuser
) -> None:
    for company, change in zip(world.companies, ("expires_at = now()", "revoked_at = now()"), strict=False):
        row = superuser.execute(
            "SELECT expires_at - created_at FROM invitation WHERE id = %s", (company.ids["invitation"],)
        ).fetchone()
        assert row and row[0].days in (6, 7)  # type: ignore[attr-defined]
        superuser.execute(f"UPDATE invitation SET {change} WHERE id = %s".encode(), (company.ids["invitation"],))
        assert client.get(link(app, company)).status_code == 410
        client.post(link(app, company))
        assert not joined(superuser, company)


def test_a_company_that_keeps_to_its_own_sign_in_is_joined_through_it(
    app: Flask, world: World, client: FlaskClient, superuser: Superuser
) -> None:
    company = world.companies[0]
    only = connection(app, company.scope, enforced=True)
    assert f"/-/sso/{only}" in client.get(link(app, company)).get_data(as_text=True)
    assert client.post(link(app, company)).location.startswith(f"/-/sso/{only}")
    assert not joined(superuser, company)
