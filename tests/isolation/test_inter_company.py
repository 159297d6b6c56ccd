"""One session, two clients: neither sees the other's people, names, counts, ranks or existence.

Pages, answers to forms, workbooks, calendars and mails, for HR, sponsor and participant; then staff who look after one of the
two, and the public. What the database itself lets out: test_inter_company_database.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from email.message import EmailMessage
from typing import Any
from uuid import UUID

import openpyxl
import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule

from saas.catalogue.commands import changing, feeds, moves
from saas.catalogue.models import TrainingSession
from saas.catalogue.planning import planned
from saas.enrolments.commands import leaving, placeholders
from saas.enrolments.models import Enrolment
from saas.identity.models import Staff
from saas.workspaces.commands import staff
from tenants.db import db, new_id
from tenants.queue import drain
from tenants.scope import inside
from tests.cast import World
from tests.enrolments.scene import crowd, enrol_all, open_for, own_link
from tests.house.test_pages import counted
from tests.isolation.meeting import Meeting, meet, of_the_firm, secrets, shown
from tests.isolation.test_stranger import PLATFORM, path_of, values_for
from tests.letters.support import arrived, empty_box, hurry

Superuser = psycopg.Connection[tuple[object, ...]]
# Who looks, and how many pages they open at least; and somebody with a seat in the session.
ROLES = {"hr": 60, "sponsor": 10, "participant": 10}
HOLDER = "inter-alpha-a-2"
# What is new on each page, whatever it is about: the token of forms, a nonce, how long ago.
FRESH = re.compile(
    r'nonce="[^"]*"|nonce-[A-Za-z0-9_-]+|(?<=csrf_token" value=")[^"]*|(?<=csrf-token" content=")[^"]*|DTSTAMP:\w+|\d+ \w+ ago'
)


@pytest.fixture
def meeting(app: Flask, world: World, superuser: Superuser) -> Meeting:
    with app.app_context():
        return meet(world, superuser)


def readable(answer: Any) -> str:
    """What an answer says, cell by cell for a workbook; with its headers, but for the number that each answer draws."""
    number = answer.headers["X-Request-ID"]
    content, kind = answer.get_data(), answer.headers.get("Content-Type", "")
    heads = " ".join(f"{k}: {v}" for k, v in answer.headers if k not in ("Date", "Content-Length", "ETag", "Set-Cookie"))
    if "spreadsheet" in kind:
        book = openpyxl.load_workbook(io.BytesIO(content))
        cells = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row]
        return f"{heads} {book.sheetnames} {' | '.join(cells)}".replace(number, "")
    return FRESH.sub("", f"{heads} {content.decode('utf-8', 'replace')}").replace(number, "")


def client_rules(app: Flask, method: str) -> list[Rule]:
    return sorted(
        (r for r in app.url_map.iter_rules() if "workspace" in r.arguments and method in (r.methods or ())),
        key=lambda r: r.rule,
    )  # fmt: skip


def of_a(app: Flask, meeting: Meeting, world: World) -> Callable[[Rule], Iterator[dict[str, object]]]:
    """An address's parameters for client a: this session's link, and a seat in each state."""
    with app.app_context():
        seats = meeting.seats(meeting.a)

    def values(rule: Rule) -> Iterator[dict[str, object]]:
        known = values_for(rule, world.firms[0], meeting.a)
        if "link_id" in known:
            known["link_id"] = meeting.links[meeting.a.slug].id
        if "enrolment_id" not in known:
            yield known
            return
        for state in sorted(seats):
            yield {**known, "enrolment_id": seats[state]}

    return values


def pages(app: Flask, meeting: Meeting, world: World) -> list[str]:
    found = of_a(app, meeting, world)
    return [path_of(app, rule, "alpha", values) for rule in client_rules(app, "GET") for values in found(rule)]


def test_no_page_of_a_client_holds_a_word_of_the_other(
    app: Flask, world: World, meeting: Meeting, superuser: Superuser, signed_in: Callable[[str], FlaskClient]
) -> None:
    """Nor an id that both would have in common: the session's, its half-days', its room's. On the day too."""
    needles = secrets(meeting.b, superuser) | of_the_firm(world.firms[0].id, superuser)
    paths, leaks = pages(app, meeting, world), {}
    for who, most in (*ROLES.items(), (HOLDER, 10)):
        browser, opened = signed_in(meeting.a.address(who)), 0
        for path in paths:
            answer = browser.get(path)
            opened += answer.status_code == 200
            if found := shown(readable(answer), needles):
                leaks[who, path] = found
            answer.close()
        assert opened > most, who
    superuser.execute("UPDATE slot SET starts_at = now() - interval '5 minutes', ends_at = now() + interval '1 hour'")
    superuser.execute("UPDATE training_session SET starts_at = now() - interval '5 minutes', state = 'running'")
    browser, signing = signed_in(meeting.a.address(HOLDER)), 0
    for path in (path for path in paths if "/seats/" in path):
        said = readable(browser.get(path))
        signing += "/sign/1" in said
        leaks.update({("on the day", path): found} if (found := shown(said, needles)) else {})
    assert not leaks
    assert signing >= 2


def test_the_walk_would_find_what_it_looks_for(
    app: Flask, world: World, meeting: Meeting, superuser: Superuser, signed_in: Callable[[str], FlaskClient]
) -> None:
    """The other client's HR finds its own people by the same words; a workbook is read to its cells."""
    needles, browser = secrets(meeting.b, superuser), signed_in(meeting.b.address("hr"))
    for path in (f"sessions/{meeting.links[meeting.b.slug].id}", "enrolments/enrolments.xlsx?when=all", "people"):
        assert meeting.b.canary in shown(readable(browser.get(f"/alpha/w/{meeting.b.slug}/{path}")), needles), path


def test_no_form_reaches_the_other_client(
    app: Flask, world: World, meeting: Meeting, superuser: Superuser, signed_in: Callable[[str], FlaskClient]
) -> None:
    """Every form, with the other client's ids in every field that takes one."""
    b, needles = meeting.b, secrets(meeting.b, superuser)
    with app.app_context():
        theirs = meeting.seats(b)
    typed: dict[str, object] = {
        "member": str(b.ids["member-second"]), "link": str(meeting.links[b.slug].id), "party": str(b.ids["party_id"]),
        "enrolment": str(theirs["seated"]), "offer": str(b.ids["offer_id"]), "number": "3", "label": "x", "body": "x", "words": "x",
        "state": "planned", "name": "x", "pasted": f"second@{b.slug}.example\nSecond {b.canary}", "reason": "x", "why": "x",
    }  # fmt: skip
    sent = [str(typed["member"]), str(typed["enrolment"]), *str(typed["pasted"]).splitlines()]
    before, faults = _rows(superuser, meeting), []
    values = of_a(app, meeting, world)
    for role in reversed(ROLES):
        browser = signed_in(meeting.a.address(role))
        for rule in client_rules(app, "POST"):
            if rule.endpoint.startswith(("clients.archive", "people.leave", "imports.apply")):
                continue
            for known in values(rule):
                answer = browser.post(path_of(app, rule, "alpha", known), data=typed)
                said = readable(answer)
                for word in sent:  # a form keeps what was typed, and says that nobody here is called so
                    said = said.replace(word, "")
                if answer.status_code not in (303, 403, 404, 422, 200, 413) or shown(said, needles):
                    faults.append((rule.rule, answer.status_code, shown(said, needles)))
        assert not shown(readable(browser.get(f"/alpha/w/{meeting.a.slug}/sessions")), needles)
    assert not faults
    assert _rows(superuser, meeting) == before


def _rows(superuser: Superuser, meeting: Meeting) -> list[object]:
    """Everything the other client owns."""
    found: list[object] = []
    for name, table in sorted(db.metadata.tables.items()):
        if "workspace_id" in table.c and name != "outbox":
            query = f"SELECT t::text FROM {name} t WHERE workspace_id = '{meeting.b.id}' ORDER BY 1"  # noqa: S608
            found.append(superuser.execute(query.encode()).fetchall())
    return found


def seen_by(app: Flask, browser: FlaskClient, paths: list[str]) -> dict[str, tuple[str, int]]:
    """What each page says, and how many statements it asked."""
    found = {}
    for path in paths:
        with counted(app) as asked:
            answer = browser.get(path)
        found[path] = (readable(answer), len(asked))
        answer.close()
    return found


def differing(one: dict[Any, Any], other: dict[Any, Any]) -> list[object]:
    return [page for page in one if one[page] != other[page]]


def test_the_same_bytes_whatever_the_other_client_has(
    app: Flask, world: World, superuser: Superuser, signed_in: Callable[[str], FlaskClient]
) -> None:
    """With 0, 1 and 9 of the other's people and as many seats for names; with another capacity, ceiling and price.

    As many statements, too: nothing to be timed.
    """
    with app.app_context():
        links = open_for(world, 60)
        a, b = world.firms[0].companies
        enrol_all(a, links[a.slug], crowd(a, 2, "own"))
        drain()
        meeting = Meeting(a, b, links[a.slug].session_id, links, links)
    superuser.execute("UPDATE session_seats SET capacity = 60")
    paths, browsers = pages(app, meeting, world), {who: signed_in(a.address(who)) for who in ("hr", "participant")}

    def look() -> dict[tuple[str, str], tuple[str, int]]:
        superuser.execute("DELETE FROM journal WHERE action LIKE '%.exported'")  # lines that the last look itself wrote
        return {(who, path): seen for who in browsers for path, seen in seen_by(app, browsers[who], paths).items()}

    look()  # what is written down on a first visit
    first = look()
    assert not differing(first, look()), "two visits to the same page differ: nothing could be compared"
    for number in (1, 8):
        with app.app_context():
            enrol_all(b, links[b.slug], crowd(b, number, f"n{number}-"))
            with inside(b.scope):
                placeholders.hold(own_link(links[b.slug]), number)
            drain()
        superuser.execute("UPDATE session_link SET ceiling = 40, price_cents = 1 WHERE workspace_id = %s", (b.id,))
        superuser.execute("UPDATE session_seats SET capacity = 600, minimum = 7, notes = 'zq', cost_cents = 9")
        assert not differing(first, look())
    superuser.execute("UPDATE session_seats SET capacity = taken")  # the word changes: the comparison sees it
    assert differing(first, look())


def mails_of_a(meeting: Meeting) -> list[EmailMessage]:
    return [mail for mail in arrived() if f"@{meeting.a.slug}." in str(mail["To"])]


def whole(mail: EmailMessage) -> str:
    """Headers, texts and calendar files."""
    parts = [f"{k}: {v}" for k, v in mail.items()]
    for part in mail.walk():
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            parts.append(content.decode("utf-8", "replace").replace("\r\n ", ""))
    return "\n".join(parts)


def act_of(meeting: Meeting, what: str, world: World) -> None:
    """Something that the other client, or the firm for everybody, does."""
    b, link = meeting.b, meeting.links[meeting.b.slug]
    if what == "enrols":
        enrol_all(b, link, crowd(b, 3, "more"))
    elif what == "withdraws":
        with inside(b.scope):
            seated = select(Enrolment).where(Enrolment.link_id == link.id, Enrolment.state.in_(("seated", "offered")))
            for row in db.session.scalars(seated).all():
                leaving.withdraw(row, f"{b.canary} reason")
    else:
        with inside(world.firms[0].scope):
            session = db.session.scalars(select(TrainingSession).where(TrainingSession.id == meeting.session_id)).one()
            if what == "moved":
                plan = planned(session)
                changing.change(session, replace(plan, place=replace(plan.place, venue="Salle 2")))
            else:
                moves.move(session, what, "The room is closed")


def test_no_mail_and_no_calendar_tells_of_the_other_client(
    app: Flask, world: World, meeting: Meeting, superuser: Superuser, client: FlaskClient
) -> None:
    """Whatever the other does, or the firm for everybody; somebody of a's hears of it when a seat is offered to them, or of an end."""
    needles = {str(meeting.session_id)}
    with app.app_context():
        with inside(meeting.a.scope):
            here = Enrolment.link_id == meeting.links[meeting.a.slug].id, Enrolment.state == "seated"
            token = feeds.token_of(feeds.renew_member(db.session.scalars(select(Enrolment).where(*here)).all()[0].member_id))
        superuser.execute("UPDATE session_link SET ceiling = NULL")
        hurry(superuser)
        heard = {}
        for what in ("enrols", "withdraws", "moved", "confirmed", "cancelled"):
            empty_box()
            act_of(meeting, what, world)
            for _ in range(3):  # a mail may ask for another, in a few minutes
                hurry(superuser)
            needles |= secrets(meeting.b, superuser)
            heard[what] = len(mails := mails_of_a(meeting))
            assert not [(str(m["To"]), found) for m in mails if (found := shown(whole(m), needles))], what
            feed = client.get(f"/-/calendars/{token}/seats.ics")
            assert feed.status_code == 200 and not shown(readable(feed).replace("\r\n ", ""), needles), what
    assert [what for what, number in heard.items() if not number] in (["enrols"], ["enrols", "confirmed"])


def test_an_id_of_the_other_client_is_an_id_that_never_was(
    app: Flask, world: World, meeting: Meeting, signed_in: Callable[[str], FlaskClient]
) -> None:
    """The same status, bytes and number of statements."""
    with app.app_context():
        theirs = {
            **meeting.b.ids,
            "enrolment_id": meeting.seats(meeting.b)["seated"],
            "link_id": meeting.links[meeting.b.slug].id,
        }
    browser, faults, tried = signed_in(meeting.a.address("hr")), [], 0
    for rule in client_rules(app, "GET"):
        own = values_for(rule, world.firms[0], meeting.a)
        names = [name for name in own if name in theirs and isinstance(own[name], UUID)]
        if not names or rule.endpoint == "offers.show":
            continue
        seen = []
        for ids in ({name: theirs[name] for name in names}, {name: new_id() for name in names}):
            path = path_of(app, rule, "alpha", {**own, **ids})
            with counted(app) as asked:
                answer = browser.get(path)
            said = readable(answer)
            for value in ids.values():
                said = said.replace(str(value), "")
            seen.append((answer.status_code, said, len(asked)))
        tried += 1
        if seen[0] != seen[1] or seen[0][0] not in (403, 404):
            faults.append((rule.rule, seen[0][0], seen[1][0], seen[0][2], seen[1][2]))
    assert not faults
    assert tried > 15


def test_staff_who_look_after_one_see_nothing_of_the_other(
    app: Flask, world: World, meeting: Meeting, superuser: Superuser, signed_in: Callable[[str], FlaskClient]
) -> None:
    """Roster, needs, mails, who has not heard, calendars, lists to decide, search, workbooks: every page of the firm."""
    firm = world.firms[0]
    with app.app_context(), inside(firm.scope):
        advisor = db.session.scalars(select(Staff).where(Staff.email_norm == "advisor@alpha.example")).one()
        staff.limit(advisor, [meeting.a.id])
    superuser.execute("UPDATE training_session SET state = 'confirmed' WHERE id = %s", (meeting.session_id,))
    superuser.execute("UPDATE letter_settings SET convocation_days = 60")
    needles, browser, leaks, opened = secrets(meeting.b, superuser), signed_in("advisor@alpha.example"), {}, 0
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.rule.startswith(PLATFORM) or rule.endpoint.startswith("public."):
            continue
        ids = {**values_for(rule, firm, meeting.a)}
        ids.update({"session_id": meeting.session_id} if "session_id" in ids else {})
        for query in ("", f"?q={meeting.b.canary}", f"?q={meeting.b.slug}&on=2027-01-01&when=all"):
            if query and rule.arguments:
                continue
            answer = browser.get(path_of(app, rule, "alpha", ids) + query)
            opened += answer.status_code == 200
            said = readable(answer)
            for typed in (meeting.b.canary, meeting.b.slug) if query else ():
                said = said.replace(f'value="{typed}"', "").replace(f"q={typed}", "").replace(f"“{typed}”", "")
            if found := shown(said, needles):
                leaks[rule.rule + query] = found
    assert not leaks
    assert opened > 60


def test_the_public_catalogue_says_nothing_of_clients(
    app: Flask, world: World, meeting: Meeting, superuser: Superuser, client: FlaskClient
) -> None:
    superuser.execute("UPDATE training_session SET is_public = true, state = 'confirmed'")
    slug = superuser.execute("SELECT slug FROM programme WHERE firm_id = %s", (world.firms[0].id,)).fetchone()
    assert slug is not None
    needles = secrets(meeting.a, superuser) | secrets(meeting.b, superuser) | {str(meeting.session_id)}
    paths = [f"/alpha/catalogue/{slug[0]}", "/alpha/catalogue", f"/alpha/en/catalogue/{slug[0]}", "/alpha/sitemap.xml"]
    before = [readable(client.get(path)) for path in paths]
    assert all(not shown(said, needles) for said in before) and "Grenoble" in before[0]
    superuser.execute("UPDATE session_seats SET taken = 0, capacity = 900")
    assert [readable(client.get(path)) for path in paths] == before
