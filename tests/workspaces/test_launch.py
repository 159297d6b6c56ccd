"""How far a client's launch has come is computed from what is there, and shown to those whom each step concerns."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from saas.workspaces.commands.clients import NewClient, open_client
from saas.workspaces.commands.hr import invite_hr
from tenants.db import new_id
from tenants.scope import Scope, inside
from tests.cast import World

Connection = psycopg.Connection[tuple[object, ...]]
SignedIn = Callable[[str], FlaskClient]
OWNER = "owner@alpha.example"
PARTY = {"siret": "73282932000074", "street": "1 rue", "postcode": "69001", "city": "Lyon"}


def card(page: str) -> str:
    return page.partition('aria-labelledby="steps"')[2].partition("</section>")[0]


def open_steps(page: str) -> list[str]:
    """The steps that are not done, in the card's order."""
    items = re.findall(r"<li class=\"(\w*)\">(.*?)</li>", card(page), re.DOTALL)
    return [re.sub(r"<[^>]+>|\s+", " ", item).strip() for state, item in items if state != "done"]


@pytest.fixture
def new(app: Flask, world: World) -> UUID:
    """A client that has just been opened, with nothing but a name."""
    with app.app_context(), inside(world.firms[0].scope):
        return open_client(new_id(), NewClient("New One", "en", "#066584"), "Owner").id


def test_a_new_client_has_everything_left_to_do(new: UUID, signed_in: SignedIn) -> None:
    page = signed_in(OWNER).get("/alpha/w/new-one/").get_data(as_text=True)
    assert "0 of 8" in card(page) and len(open_steps(page)) == 8


def test_each_step_is_done_by_doing_it(app: Flask, world: World, signed_in: SignedIn) -> None:
    """alpha-a has all but its logo and its address; what HR sees of it is done, so HR sees no card."""
    page = signed_in(OWNER).get("/alpha/w/alpha-a/").get_data(as_text=True)
    assert open_steps(page) == ["Colour and logo", "Who is invoiced, with SIRET and address", "HR has joined"]
    signed_in("hr@alpha-a.example")
    assert "HR has joined" not in open_steps(signed_in(OWNER).get("/alpha/w/alpha-a/").get_data(as_text=True))
    assert "Getting started" not in signed_in("hr@alpha-a.example").get("/alpha/w/alpha-a/").get_data(as_text=True)


def test_home_shows_the_client_that_is_furthest_from_done(new: UUID, signed_in: SignedIn) -> None:
    page = signed_in(OWNER).get("/alpha/").get_data(as_text=True)
    assert "New One" in card(page) and "0 of 8" in card(page)
    assert not card(signed_in("accountant@alpha.example").get("/alpha/").get_data(as_text=True))


def test_hr_sees_the_steps_that_are_theirs(app: Flask, new: UUID, world: World, signed_in: SignedIn) -> None:
    with app.app_context(), inside(Scope.workspace(world.firms[0].id, new)):
        invite_hr("Odile", "Martin", "odile@new.example", "en", "Owner")
    page = signed_in("odile@new.example").get("/alpha/w/new-one/").get_data(as_text=True)
    assert "0 of 4" in card(page) and open_steps(page)[1] == "Managers imported"
    assert "/settings" not in card(page) and "/alpha/sessions" not in card(page)


def test_a_client_that_is_through_has_no_card(world: World, signed_in: SignedIn, superuser: Connection) -> None:
    for company in world.firms[0].companies:
        signed_in(company.address("hr"))
    superuser.execute("UPDATE workspace SET logo = 'x.png'")
    superuser.execute("UPDATE billing_party SET siret = '73282932000074', street = 'x', postcode = 'x', city = 'x'")
    assert "Getting started" not in signed_in(OWNER).get("/alpha/w/alpha-a/").get_data(as_text=True)
    assert "Getting started" not in signed_in(OWNER).get("/alpha/").get_data(as_text=True)
