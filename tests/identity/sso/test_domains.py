"""Domains: proved by a record, by one owner at a time, looked at again each day; a mail service's is nobody's."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest
from flask import Flask

from saas.identity.sso import queries
from saas.identity.sso.commands import proving
from saas.identity.sso.domains import domain_of, normalised, public_domains, record_name
from saas.identity.sso.jobs import sweep_domains
from saas.identity.sso.models import SsoDomain
from saas.kit.clock import now
from saas.kit.errors import Refused
from tenants.db import db
from tenants.queue import drain
from tenants.scope import Scope, inside
from tests.cast import Company, World
from tests.identity.sso import dns_stub
from tests.identity.sso.conftest import Scene
from tests.identity.sso.dns_stub import Zone


@pytest.fixture
def zone(app: Flask) -> Iterator[Zone]:
    made, server = dns_stub.listening()
    before, app.config["DNS_SERVER"] = app.config["DNS_SERVER"], made.address
    yield made
    app.config["DNS_SERVER"] = before
    server.shutdown()
    server.server_close()


def claim(app: Flask, scope: Scope, domain: str) -> tuple[UUID, str]:
    with app.app_context(), inside(scope):
        made = proving.claim(domain)
        return made.id, made.token


def checked(app: Flask, scope: Scope, domain_id: UUID) -> bool:
    with app.app_context(), inside(scope):
        found = queries.own_domain(domain_id)
        assert found is not None
        return proving.check(found)


def publish(zone: Zone, domain: str, *tokens: str) -> None:
    zone.answers[(record_name(domain), "TXT")] = [f'"{token}"' for token in tokens]


def look_again(app: Flask, times: int = 1) -> None:
    for _ in range(times):
        with app.app_context(), inside(Scope.platform()):
            sweep_domains()
        with app.app_context():
            drain()


def test_a_domain_is_proved_by_its_record_alone(app: Flask, world: World, zone: Zone) -> None:
    a = world.firms[0].companies[0]
    domain_id, token = claim(app, a.scope, " @Company.Example. ")
    assert not checked(app, a.scope, domain_id), "no record"
    publish(zone, "company.example", "something else", token[:-1])
    assert not checked(app, a.scope, domain_id), "another value"
    publish(zone, "company.example", "something else", token)
    assert checked(app, a.scope, domain_id)
    with app.app_context(), inside(a.scope):
        assert queries.has_proved("company.example") and not queries.has_proved("sub.company.example")


def test_the_second_owner_waits_for_the_firsts_loss(app: Flask, world: World, zone: Zone) -> None:
    first, second = world.companies[0], world.companies[3]
    one, token_one = claim(app, first.scope, "company.example")
    two, token_two = claim(app, second.scope, "company.example")
    publish(zone, "company.example", token_one, token_two)
    assert checked(app, first.scope, one) and not checked(app, second.scope, two)
    with app.app_context(), inside(second.scope):
        assert queries.is_taken("company.example"), "yes or no is all that it is told"
    publish(zone, "company.example", token_two)
    look_again(app, 2)
    with app.app_context(), inside(second.scope):
        assert queries.has_proved("company.example")
    with app.app_context(), inside(first.scope):
        assert not queries.has_proved("company.example") and queries.own_domains()[0].lost_at
    publish(zone, "company.example", token_one, token_two)
    assert not checked(app, first.scope, one)


def test_the_database_holds_a_domain_to_one_owner(app: Flask, world: World, zone: Zone) -> None:
    """Two proofs at the same moment, past the question: one index over all firms decides."""
    one, _ = claim(app, world.companies[0].scope, "company.example")
    two, _ = claim(app, world.companies[1].scope, "company.example")
    with app.app_context(), inside(world.companies[0].scope):
        db.session.get_one(SsoDomain, one).proved_at = now()
    with app.app_context(), pytest.raises(Exception, match="ux_sso_domain_proved") as error, inside(world.companies[1].scope):
        db.session.get_one(SsoDomain, two).proved_at = now()
    assert isinstance(error.value.__cause__, psycopg.errors.UniqueViolation)


def test_silence_is_no_loss(app: Flask, world: World, zone: Zone) -> None:
    a: Company = world.companies[0]
    domain_id, token = claim(app, a.scope, "company.example")
    publish(zone, "company.example", token)
    assert checked(app, a.scope, domain_id)
    zone.broken = True
    with pytest.raises(Refused, match="do not answer"):
        checked(app, a.scope, domain_id)
    look_again(app)
    with app.app_context(), inside(a.scope):
        assert queries.has_proved("company.example"), "nobody could be asked: it stands"
    zone.broken = False
    zone.answers.clear()
    look_again(app)
    with app.app_context(), inside(a.scope):
        assert not queries.has_proved("company.example"), "it is certain that the record is gone"


@pytest.mark.parametrize("said", ["gmail.com", "GMail.com.", "@orange.fr", "laposte.net", "outlook.com", "free.fr", "proton.me"])
def test_a_mail_services_domain_is_nobodys(said: str) -> None:
    with pytest.raises(Refused, match="mail service"):
        normalised(said)


@pytest.mark.parametrize(
    "said",
    ["", "company", "a b.example", "company..example", "-x.example", "127.0.0.1:8", "x" * 64 + ".example", "é" * 300 + ".fr"],
)
def test_what_is_no_domain_is_refused(said: str) -> None:
    with pytest.raises(Refused, match="Enter a domain"):
        normalised(said)


def test_domains_are_kept_as_the_net_writes_them() -> None:
    assert normalised("Société-Générale.Example") == "xn--socit-gnrale-eebbcb.example" == normalised("société-générale.example")
    assert normalised("straße.example") == "xn--strae-oqa.example" != normalised("strasse.example")
    assert domain_of("a@x@company.example") == "company.example" and domain_of("nobody") == "" == domain_of("a@gmail.com")
    assert len(public_domains()) > 80 and all(domain == domain.lower() for domain in public_domains())


def test_the_firms_own_domain_finds_no_clients_people(scene: Scene) -> None:
    """A firm that has proved a domain opens nothing of a client's with it, nor the other way round."""
    scene.sql("UPDATE sso_domain SET workspace_id = NULL")
    assert scene.arrive(scene.browser(), **scene.person()).status_code == 403
