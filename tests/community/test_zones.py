"""Zones: who may come in, what they read, who leads, and that nobody comes to read by being appointed."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from saas.community.commands import notices, spaces, threads
from saas.community.models import Notice, Thread, ZoneMandate, ZoneMember
from saas.kit.errors import Refused
from tenants.db import db, new_id
from tests.cast import World
from tests.community.scene import Scene, Superuser


@pytest.fixture
def scene(app: Flask, world: World) -> Scene:
    return Scene(app, world.companies[0])


def test_peers_come_in_and_neither_hr_nor_sponsor_nor_the_firm(scene: Scene) -> None:
    scene.joins("participant", "hr")
    peers = scene.peers()
    with scene.as_("participant"):
        spaces.join_zone(peers)
    for role in ("sponsor", "hr", "owner@alpha.example", "hr@alpha-b.example", "participant@alpha-b.example"):
        with pytest.raises(Refused), scene.as_(role):
            spaces.join_zone(peers)
        assert peers not in scene.sees(role), role
    assert peers in scene.sees("participant") and peers in scene.sees("second")


def test_whoever_is_not_in_reads_nothing_by_any_statement(scene: Scene) -> None:
    peers = scene.peers()
    with scene.as_("second"):
        threads.start_thread(peers, "share", "secret title", "secret body")
    for role in ("sponsor", "hr", "participant"):
        with scene.as_(role):
            for table in ("thread", "post", "zone_member", "zone_mandate", "notice"):
                where = text(f"SELECT count(*) FROM {table} WHERE zone_id = :z")
                assert db.session.scalar(where, {"z": peers}) == 0, (role, table)
    for table in ("thread", "notice", "zone_mandate"):
        with pytest.raises(DBAPIError, match="permission denied"), scene.workspace():
            db.session.execute(text(f"SELECT * FROM {table}"))


def test_a_newcomer_among_peers_reads_what_is_said_from_then_on(scene: Scene, superuser: Superuser) -> None:
    scene.joins("participant")
    peers = scene.peers()
    with scene.as_("second"):
        before = threads.start_thread(peers, "share", "before", "before").id
    superuser.execute("UPDATE thread SET created_at = created_at - interval '1 hour' WHERE id = %s", (before,))
    superuser.execute("UPDATE zone_member SET joined_at = joined_at - interval '2 hours' WHERE zone_id = %s", (peers,))
    with scene.as_("participant"):
        spaces.join_zone(peers)
    with scene.as_("second"):
        after = threads.start_thread(peers, "share", "after", "after").id
    with scene.as_("participant"):
        assert set(db.session.scalars(select(Thread.id).where(Thread.zone_id == peers))) == {after}
    with scene.as_("second"):
        assert set(db.session.scalars(select(Thread.id).where(Thread.zone_id == peers))) == {before, after}


def test_a_room_keeps_the_people_it_was_opened_with(scene: Scene) -> None:
    scene.joins("participant", "hr")
    guest, hr, sponsor = scene.account("participant"), scene.account("hr"), scene.account("sponsor")
    with scene.as_("second"):
        room = spaces.open_zone(scene.zone, "room", "Two of us", [guest, hr, new_id()])
    assert room in scene.sees("participant") and room not in scene.sees("hr") and room not in scene.sees("sponsor")
    with pytest.raises(Refused), scene.as_("sponsor"):
        spaces.join_zone(room)
    with pytest.raises(DBAPIError, match="permission denied"), scene.as_("second"):
        db.session.add(ZoneMember(zone_id=room, account_id=sponsor, name="S", side="company"))
        db.session.flush()
    with pytest.raises(DBAPIError, match="permission denied"), scene.as_("second"):
        db.session.execute(text("UPDATE zone SET kind = 'open' WHERE id = :z"), {"z": room})


def test_whoever_becomes_hr_or_sponsor_is_out_of_the_peers_in_that_statement(scene: Scene, superuser: Superuser) -> None:
    scene.joins("participant")
    peers = scene.peers()
    with scene.as_("participant"):
        spaces.join_zone(peers)
    superuser.execute("UPDATE member SET roles = '{participant,hr}' WHERE email = %s", (scene.company.address("participant"),))
    assert scene.sees("participant") == {scene.zone}


def test_mandates_are_given_by_who_leads_to_who_is_in_and_told_to_everybody(scene: Scene) -> None:
    scene.joins("participant", "hr")
    people = {role: scene.account(role) for role in ("participant", "hr", "second", "sponsor")}
    outsider = scene.account("owner@alpha.example")
    with pytest.raises(Refused), scene.as_("participant"):
        spaces.appoint(scene.zone, people["participant"], "pilot", "P")
    for whom in (people["hr"], outsider, scene.account("hr@alpha-b.example")):
        with pytest.raises(Refused), scene.as_("second"):
            spaces.appoint(scene.zone, whom, "deputy", "Second")
    with scene.as_("second"):
        spaces.appoint(scene.zone, people["participant"], "deputy", "Second")
    with scene.as_("participant"):
        spaces.appoint(scene.zone, people["sponsor"], "ambassador", "P")
        given = set(
            db.session.execute(select(ZoneMandate.role, ZoneMandate.given_by_name).where(ZoneMandate.until_at.is_(None))).all()
        )
        assert given == {("pilot", ""), ("deputy", "Second"), ("ambassador", "P")}
        assert db.session.scalar(select(func.count()).select_from(Notice).where(Notice.reason == "appointed")) == 1


def test_one_pilot_stays(scene: Scene) -> None:
    second = scene.account("second")
    with pytest.raises(Refused), scene.as_("second"):
        spaces.appoint(scene.zone, second, "member", "Second")
    sponsor = scene.account("sponsor")
    with scene.as_("second"):
        spaces.appoint(scene.zone, sponsor, "pilot", "Second")
        spaces.appoint(scene.zone, second, "member", "Second")


def test_nobody_outside_names_a_pilot_while_somebody_leads_nor_somebody_who_is_not_in(scene: Scene) -> None:
    sponsor, hr = scene.account("sponsor"), scene.account("hr")
    with pytest.raises(Refused), scene.workspace():
        spaces.name_pilot(sponsor, "Camille")
    with scene.as_("second"):
        spaces.leave_zone(scene.zone)
    with pytest.raises(Refused), scene.workspace():
        spaces.name_pilot(hr, "Camille")
    with scene.workspace():
        assert spaces.name_pilot(sponsor, "Camille").startswith("Sponsor")
    with pytest.raises(Refused), scene.workspace():
        spaces.name_pilot(sponsor, "Camille")


def test_a_pilot_ends_a_membership_and_not_their_own(scene: Scene) -> None:
    sponsor, second = scene.account("sponsor"), scene.account("second")
    with pytest.raises(Refused), scene.as_("sponsor"):
        spaces.remove(scene.zone, second)
    with pytest.raises(Refused), scene.as_("second"):
        spaces.remove(scene.zone, second)
    with scene.as_("second"):
        spaces.remove(scene.zone, sponsor)
    assert scene.sees("sponsor") == set()


def test_one_row_tells_of_one_object_and_counts(scene: Scene) -> None:
    sponsor, stranger = scene.account("sponsor"), scene.account("hr")
    thread = scene.company.ids["thread_id"]
    with scene.as_("second") as me:
        for _ in range(50):
            notices.tell(scene.zone, [sponsor, stranger, me, new_id()], "followed", "thread", thread)
        assert notices.tell(scene.zone, [sponsor], "mention", "thread", thread) == 1
    with scene.as_("sponsor"):
        (row,) = db.session.scalars(select(Notice)).all()
        assert (row.number, row.reason) == (51, "mention")
    for role in ("hr", "participant"):
        with scene.as_(role):
            assert db.session.scalars(select(Notice)).all() == []


def test_nobody_tells_people_of_a_zone_they_are_not_in(scene: Scene) -> None:
    sponsor = scene.account("sponsor")
    with scene.as_("participant"):
        assert notices.tell(scene.zone, [sponsor], "mention", "zone", scene.zone) == 0


def test_the_line_above_an_input_says_who_really_reads(scene: Scene, signed_in: Callable[[str], FlaskClient]) -> None:
    pilot, peers = signed_in(scene.company.address("second")), scene.peers()

    def line(zone: UUID) -> str:
        page = pilot.get(f"/alpha/w/alpha-a/community/zones/{zone}/new").get_data(as_text=True)
        return " ".join(re.sub("<[^>]+>", " ", page.split('class="audience"')[1].split("</p>")[0]).split())

    assert "2 people" in line(scene.zone) and "The sponsor too: Sponsor" in line(scene.zone) and "Not HR." in line(scene.zone)
    assert "1 person" in line(peers) and "Not HR, not your director." in line(peers)
    scene.joins("hr")
    assert "3 people" in line(scene.zone) and "HR is among them, openly: Hr" in line(scene.zone)
    with scene.as_("hr"):
        spaces.leave()
    with scene.as_("sponsor"):
        spaces.leave()
    assert "1 person" in line(scene.zone) and "Not HR, not your director." in line(scene.zone)
