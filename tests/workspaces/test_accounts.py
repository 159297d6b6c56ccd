"""What an import says of accounts: nothing. And it never moves a sign-in."""

from __future__ import annotations

import email
import re
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import default
from uuid import UUID

import psycopg
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from saas.identity.commands.links import prove
from saas.identity.models import Member
from saas.kit.mail import mailbox
from saas.workspaces.imports import applying, commands, queries, reading
from saas.workspaces.models import PeopleImport
from tenants.db import db
from tenants.queue import drain
from tenants.scope import Scope, inside
from tests.cast import Company, World
from tests.house.test_pages import counted

Superuser = psycopg.Connection[tuple[object, ...]]
HEADERS = "Matricule;Nom;Prénom;Email\n"


def stage(company: Company, text: str) -> UUID:
    with inside(company.scope):
        return commands.stage(reading.read("x", (HEADERS + text).encode()), "x.csv", "en", "HR").id


def apply(company: Company, draft_id: UUID) -> None:
    with inside(company.scope):
        commands.ask_to_apply(the(draft_id), "HR")
    drain()


def the(draft_id: UUID) -> PeopleImport:
    return db.session.scalars(select(PeopleImport).where(PeopleImport.id == draft_id)).one()


def account_of(superuser: Superuser, company: Company, number: str) -> object:
    found = superuser.execute(
        "SELECT account_id FROM member WHERE workspace_id = %s AND employee_number = %s", (company.id, number)
    ).fetchone()
    return found[0] if found else "nobody"


def test_the_preview_is_the_same_with_and_without_an_account_elsewhere(
    app: Flask, world: World, signed_in: Callable[[str], FlaskClient]
) -> None:
    """Two people, one of whom signs in at another firm every day: the pages differ by their names alone."""
    company, stranger = world.companies[0], world.companies[2].address("second")
    browser, pages = signed_in(company.address("hr")), []
    for address in (stranger, stranger.replace("second", "nobody")):
        with app.app_context():
            draft_id = stage(company, f"1;Roux;Ana;{address}")
            with inside(company.scope):
                (row,) = queries.all_rows(the(draft_id))
                assert (row.verdict, row.problems, row.member_id) == ("create", [], None)
        page = browser.get(f"/alpha/w/{company.slug}/people/import/{draft_id}").get_data(as_text=True)
        pages.append(re.sub(r"[0-9a-f-]{36}|value=\"I[^\"]{60,}\"", "", page.replace(address, "somebody")))
    assert re.sub(r"content=\"[^\"]+\"", "", pages[0]) == re.sub(r"content=\"[^\"]+\"", "", pages[1])


def test_judging_costs_the_same_for_people_with_accounts(app: Flask, world: World) -> None:
    """The same statements in the same order, none of them about accounts: there is no time to measure."""
    company, asked = world.companies[0], []
    for address in (world.companies[2].address("second"), "nobody@x.example"):
        with counted(app) as seen, app.app_context():
            stage(company, f"1;Roux;Ana;{address}")
        asked.append(seen)
    assert asked[0] == asked[1] and not any("account" in sql for sql in asked[0])


def test_an_import_opens_no_account_and_joins_none(app: Flask, world: World, superuser: Superuser) -> None:
    """Somebody with an account elsewhere is a member like the others: their sign-in opens nothing here before they join."""
    company, stranger = world.companies[0], world.companies[2].address("second")
    accounts = superuser.execute("SELECT count(*) FROM account").fetchone()
    with app.app_context():
        apply(company, stage(company, f"1;Roux;Ana;{stranger}\n2;Petit;Marc;nobody@x.example"))
    assert account_of(superuser, company, "1") is None and account_of(superuser, company, "2") is None
    assert superuser.execute("SELECT count(*) FROM account").fetchone() == accounts


def test_the_mails_are_the_same(app: Flask, world: World) -> None:
    company, stranger = world.companies[0], world.companies[2].address("second")
    with app.app_context():
        draft_id = stage(company, f"1;Roux;Ana;{stranger}\n2;Roux;Ana;nobody@x.example")
        apply(company, draft_id)
        for old in mailbox().glob("*.eml"):
            old.unlink()
        with inside(company.scope):
            applying.send_now(the(draft_id), "HR")
        drain()
        letters = [email.message_from_bytes(path.read_bytes(), policy=default) for path in mailbox().glob("*.eml")]

    def said(letter: EmailMessage, kind: str) -> str:
        """Everything but the link's own secret."""
        body = letter.get_body((kind,))
        assert body is not None
        return re.sub(r"invitation/[\w-]+", "", f"{letter['subject']} {letter['from']} {body.get_content()}")

    one, other = (letter for letter in letters if isinstance(letter, EmailMessage))
    assert said(one, "plain") == said(other, "plain") and said(one, "html") == said(other, "html")


def test_a_new_address_never_moves_a_sign_in(app: Flask, world: World, superuser: Superuser) -> None:
    """HR gives a member the address of somebody who has an account: neither gets the other's membership."""
    company, other = world.companies[0], world.companies[2].address("second")
    superuser.execute("UPDATE member SET employee_number = '7' WHERE email_norm = %s", (company.address("participant"),))
    with app.app_context():
        with inside(Scope.platform()):
            mine = prove(company.address("participant"))
            theirs = prove(other)
        assert account_of(superuser, company, "7") == mine != theirs
        apply(company, stage(company, f"7;{company.canary};Participant;{other}"))
        assert account_of(superuser, company, "7") is None
        with inside(company.scope):
            assert db.session.scalar(select(Member.id).where(Member.account_id == theirs)) is None
        # Whoever reads the mail at the new address proves it, by invitation or sign-in: only then is it theirs.
        with inside(Scope.platform()):
            assert prove(other) == theirs
        assert account_of(superuser, company, "7") == theirs


def test_a_sign_in_ends_here_when_the_address_changes(
    app: Flask, world: World, signed_in: Callable[[str], FlaskClient], superuser: Superuser
) -> None:
    company = world.companies[0]
    superuser.execute("UPDATE member SET employee_number = '7' WHERE email_norm = %s", (company.address("participant"),))
    browser = signed_in(company.address("participant"))
    assert browser.get(f"/alpha/w/{company.slug}/").status_code == 200
    with app.app_context():
        apply(company, stage(company, f"7;{company.canary};Participant;elsewhere@x.example"))
    assert browser.get(f"/alpha/w/{company.slug}/").status_code == 404
