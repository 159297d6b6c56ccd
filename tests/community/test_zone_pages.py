"""Zones through their pages: joined, opened, led, left; and what one is told of."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from saas.community.commands import threads
from saas.community.models import Thread
from saas.kit.errors import Refused
from tenants.db import db
from tests.cast import World
from tests.community.scene import Scene

SignedIn = Callable[[str], FlaskClient]
BASE = "/alpha/w/alpha-a/community"


@pytest.fixture
def scene(app: Flask, world: World) -> Scene:
    return Scene(app, world.companies[0])


def test_a_peer_zone_is_opened_joined_and_left_and_hr_finds_nothing_of_it(scene: Scene, signed_in: SignedIn) -> None:
    scene.joins("participant", "hr")
    people = {role: signed_in(scene.company.address(role)) for role in ("second", "participant", "hr", "sponsor")}
    made = people["second"].post(f"{BASE}/zones/{scene.zone}/open", data={"kind": "peer", "name": "Between us"})
    peers = made.location.rsplit("zone=", 1)[1]
    assert made.status_code == 303
    assert "Between us" in people["participant"].get(f"{BASE}/zones").get_data(as_text=True)
    for role in ("hr", "sponsor"):
        assert "Between us" not in people[role].get(f"{BASE}/zones").get_data(as_text=True)
        for path in ("members", "rituals", "new", "open"):
            assert people[role].get(f"{BASE}/zones/{peers}/{path}").status_code == 404, (role, path)
    assert people["participant"].post(f"{BASE}/zones/{peers}/join").status_code == 303
    page = people["participant"].get(f"{BASE}?zone={peers}").get_data(as_text=True)
    assert "2 people" in page and "Not HR, not your director." in page
    assert people["participant"].post(f"{BASE}/zones/{peers}/leave").status_code == 303
    assert people["participant"].get(f"{BASE}/zones/{peers}/members").status_code == 404


def test_a_room_without_people_or_name_is_refused_and_what_was_typed_stays(scene: Scene, signed_in: SignedIn) -> None:
    browser = signed_in(scene.company.address("second"))
    for data in ({"kind": "room", "name": "Alone"}, {"kind": "room", "name": ""}, {"kind": "x", "name": "Kept"}):
        answer = browser.post(f"{BASE}/zones/{scene.zone}/open", data=data)
        assert answer.status_code == 422 and data["name"] in answer.get_data(as_text=True)


def test_a_member_gives_no_mandate_and_a_pilot_does(scene: Scene, signed_in: SignedIn) -> None:
    sponsor = scene.account("sponsor")
    path = f"{BASE}/zones/{scene.zone}/members"
    outsider, member, pilot = (
        signed_in(scene.company.address("participant")),
        signed_in(scene.company.address("sponsor")),
        signed_in(scene.company.address("second")),
    )
    assert outsider.post(f"{path}/{sponsor}/role", data={"role": "pilot"}).status_code == 404
    member.post(f"{path}/{sponsor}/role", data={"role": "pilot"})
    assert "since" in member.get(path).get_data(as_text=True) and "Mandate of" not in member.get(path).get_data(as_text=True)
    assert pilot.post(f"{path}/{sponsor}/role", data={"role": "deputy"}).status_code == 303
    assert "Mandate of" in member.get(path).get_data(as_text=True)
    assert "A mandate was given" in member.get(f"{BASE}/notices").get_data(as_text=True)
    assert pilot.post(f"{path}/{sponsor}/remove").status_code == 303
    assert member.get(path).status_code == 404


def test_whoever_is_answered_is_told_once_and_reads_it_off(scene: Scene, signed_in: SignedIn) -> None:
    """50 replies are one line; answers of one's own tell nobody."""
    with scene.as_("sponsor"):
        thread = db.session.get_one(Thread, (scene.company.firm_id, scene.company.id, scene.company.ids["thread_id"]))
        for n in range(50):
            threads.reply(thread, f"answer {n}")
    browser = signed_in(scene.company.address("second"))
    page = browser.get(f"{BASE}/notices").get_data(as_text=True)
    assert page.count('class="post notice new"') == 1 and ">51<" in page and scene.company.canary in page
    assert browser.post(f"{BASE}/notices/read").status_code == 303
    assert 'class="post notice new"' not in browser.get(f"{BASE}/notices").get_data(as_text=True)


def test_the_firm_names_a_pilot_only_when_nobody_leads(scene: Scene, signed_in: SignedIn) -> None:
    staff, sponsor = signed_in("owner@alpha.example"), scene.account("sponsor")
    staff.post(f"{BASE}/pilot", data={"account": str(sponsor)})
    assert _role(scene, sponsor) == "member"
    signed_in(scene.company.address("second")).post(f"{BASE}/leave")
    staff.post(f"{BASE}/pilot", data={"account": str(scene.account("hr"))})
    staff.post(f"{BASE}/pilot", data={"account": str(sponsor)})
    assert _role(scene, sponsor) == "pilot"
    assert staff.get(f"{BASE}/zones/{scene.zone}/members").status_code == 404, "whoever names does not come to read"


def _role(scene: Scene, account: UUID) -> str:
    from saas.community.queries.spaces import people

    with scene.as_("sponsor"):
        return people(scene.zone)[account].role


def test_an_answer_tells_nobody_who_has_left(scene: Scene) -> None:
    with scene.as_("sponsor"):
        thread = db.session.get_one(Thread, (scene.company.firm_id, scene.company.id, scene.company.ids["thread_id"]))
        threads.reply(thread, "mine")
    with scene.as_("sponsor"):
        from saas.community.commands import spaces

        spaces.leave()
    with pytest.raises(Refused), scene.as_("sponsor"):
        spaces.leave_zone(scene.zone)
        spaces.appoint(scene.zone, scene.account("second"), "member", "x")
