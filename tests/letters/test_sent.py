"""What was sent to whom: the log, sending again, what comes back, who has not heard."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient

from saas.kit import bounces
from saas.sandbox.mailbox import report_on
from tenants.queue import ATTEMPTS, drain, run
from tenants.scope import Scope, inside
from tests.cast import World
from tests.letters.support import Superuser, a_session, arrived, empty_box, enrol

Browser = Callable[[str], FlaskClient]
# As Postfix writes one (RFC 3464, with the headers of the mail it is about).
POSTFIX = """Return-Path: <>
From: MAILER-DAEMON@mx.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: ne-pas-repondre@cordee.example
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="4Fabc.1/mx.example"

This is a MIME-encapsulated message.

--4Fabc.1/mx.example
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.example.

<participant@alpha-a.example>: host mail.alpha-a.example said: 550 5.1.1 User unknown

--4Fabc.1/mx.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Arrival-Date: Wed, 25 Nov 2026 01:00:00 +0100 (CET)

Final-Recipient: rfc822; participant@alpha-a.example
Original-Recipient: rfc822;participant@alpha-a.example
Action: {action}
Status: {status}
Remote-MTA: dns; mail.alpha-a.example
Diagnostic-Code: smtp; 550 5.1.1 User unknown

--4Fabc.1/mx.example
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers

Return-Path: <ne-pas-repondre@cordee.example>
Message-ID: {message_id}
Subject: =?utf-8?q?x?=

--4Fabc.1/mx.example--
"""


def dsn(message_id: str, action: str = "failed", status: str = "5.1.1") -> bytes:
    return POSTFIX.format(message_id=message_id, action=action, status=status).encode()


@pytest.fixture
def sent(app: Flask, world: World, superuser: Superuser) -> str:
    """A seat was given to the first participant of alpha-a and told: the Message-ID of that mail."""
    firm, company = world.firms[0], world.companies[0]
    with app.app_context():
        session_id, links = a_session(firm, [company], state="confirmed", days=20)
        (company.ids["told"],) = enrol(company, links[company.slug], "participant")
        company.ids["told-session"], company.ids["told-link"] = session_id, links[company.slug]
        drain()
        message_id = str(arrived(company.address("participant"))[0]["Message-ID"])
        empty_box()
    superuser.execute("UPDATE mail_log SET sent_at = sent_at - interval '1 hour'")
    return message_id


def log_id(superuser: Superuser, message_id: str) -> str:
    row = superuser.execute("SELECT id FROM mail_log WHERE message_id = %s", (message_id,)).fetchone()
    assert row is not None
    return str(row[0])


def test_the_log_has_whom_when_and_what_about_and_no_body(world: World, sent: str, superuser: Superuser) -> None:
    company = world.companies[0]
    row = superuser.execute("SELECT * FROM mail_log WHERE message_id = %s", (sent,))
    names = [column.name for column in row.description or ()]
    line = dict(zip(names, row.fetchone() or (), strict=True))
    assert (line["to"], line["about_id"], line["member_id"]) == (
        company.address("participant"), company.ids["told"], company.ids["member-participant"],
    )  # fmt: skip
    assert line["template"] == "enrolments/mails/seated" and line["workspace_id"] == company.id and line["state"] == "sent"
    assert not {"body", "text", "html"} & set(names) and "Salle" not in str(line)


def test_staff_and_hr_see_it_and_others_do_not(world: World, sent: str, signed_in: Browser) -> None:
    company = world.companies[0]
    address = company.address("participant")
    staff_page = f"/alpha/sessions/{company.ids['told-session']}/letters"
    assert address in signed_in("owner@alpha.example").get(staff_page).text
    assert signed_in("trainer@alpha.example").get(staff_page).status_code == 403
    hr = signed_in(company.address("hr"))
    seat, person = f"/alpha/w/alpha-a/seats/{company.ids['told']}", f"/alpha/w/alpha-a/people/{company.ids['member-participant']}"
    assert "Seat given" in hr.get(seat).text and "You have a seat" in hr.get(person).text
    own = signed_in(address).get(seat).text
    assert "Send again" not in own and "Seat given" not in own
    assert signed_in("hr@alpha-b.example").get(seat).status_code == 404


def test_two_clicks_send_one_mail(app: Flask, world: World, sent: str, signed_in: Browser, superuser: Superuser) -> None:
    path = f"/alpha/w/alpha-a/letters/{log_id(superuser, sent)}/again"
    hr = world.companies[0].address("hr")
    browsers = [signed_in(hr) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda browser: browser.post(path).status_code, browsers))
    with app.app_context():
        drain()
        assert len(arrived(world.companies[0].address("participant"))) == 1
        answer = signed_in(hr).post(path, headers={"Referer": "http://localhost/alpha/w/alpha-a/"}, follow_redirects=True)
        assert "nothing new was sent" in answer.text.replace("\n", " ")
        drain()
        assert len(arrived(world.companies[0].address("participant"))) == 1


def test_only_what_is_still_true_is_sent_again(
    app: Flask, world: World, sent: str, signed_in: Browser, superuser: Superuser
) -> None:
    superuser.execute("UPDATE enrolment SET state = 'withdrawn' WHERE id = %s", (world.companies[0].ids["told"],))
    signed_in("owner@alpha.example").post(f"/alpha/letters/{log_id(superuser, sent)}/again")
    with app.app_context():
        drain()
        assert arrived(world.companies[0].address("participant")) == []


def test_a_delivery_report_marks_the_mail_and_the_address(
    app: Flask, world: World, sent: str, signed_in: Browser, superuser: Superuser
) -> None:
    company = world.companies[0]
    runner = app.test_cli_runner()
    assert "5.1.1: noted." in runner.invoke(args=["mail", "bounced"], input=dsn(sent)).output
    assert "noted already" in runner.invoke(args=["mail", "bounced"], input=dsn(sent)).output
    assert superuser.execute("SELECT state, bounce FROM mail_log WHERE message_id = %s", (sent,)).fetchone() == (
        "bounced",
        "5.1.1",
    )
    hr, owner = signed_in(company.address("hr")), signed_in("owner@alpha.example")
    for browser, page in (
        (hr, f"w/alpha-a/people/{company.ids['member-participant']}"), (hr, f"w/alpha-a/seats/{company.ids['told']}"),
        (hr, f"w/alpha-a/sessions/{company.ids['told-link']}"), (owner, f"sessions/{company.ids['told-session']}/letters"),
    ):  # fmt: skip
        assert "Address refused" in browser.get(f"/alpha/{page}").text, page
    superuser.execute("UPDATE member SET email = 'new@alpha-a.example', email_norm = 'new@alpha-a.example' WHERE id = %s", (company.ids["member-participant"],))  # fmt: skip
    assert "does not take mail" not in hr.get(f"/alpha/w/alpha-a/people/{company.ids['member-participant']}").text
    assert superuser.execute("SELECT count(*) FROM mail_log WHERE state = 'bounced'").fetchone() == (1,)


@pytest.mark.parametrize(
    "raw",
    [
        dsn("<of-somebody-else@other.example>"), b"Subject: hello\n\nNo report at all", b"", b"\xff\xfe garbage",
        dsn("").replace(b"Message-ID: ", b"X-Nothing: "), b"Content-Type: multipart/report; boundary=x\n\n--x\nContent-Type: message/delivery-status\n\nAction: failed\n",
    ],
)  # fmt: skip
def test_what_is_no_report_about_a_mail_of_ours_changes_nothing(app: Flask, sent: str, superuser: Superuser, raw: bytes) -> None:
    done = app.test_cli_runner().invoke(args=["mail", "bounced"], input=raw)
    assert done.exit_code == 0, done.output
    assert superuser.execute("SELECT count(*) FROM mail_log WHERE state = 'bounced'").fetchone() == (0,)


def test_a_mail_that_is_only_late_has_not_come_back(app: Flask, sent: str, superuser: Superuser) -> None:
    for action, status in (("delayed", "4.4.1"), ("delayed", "5.0.0"), ("delivered", "2.1.5"), ("failed", "4.2.2")):
        app.test_cli_runner().invoke(args=["mail", "bounced"], input=dsn(sent, action, status))
    assert superuser.execute("SELECT count(*) FROM mail_log WHERE state = 'bounced'").fetchone() == (0,)


def test_the_sandbox_speaks_as_a_server_does(app: Flask, world: World) -> None:
    report = bounces.read(report_on(b"Message-ID: <a@b>\r\nTo: x@y.example\r\n\r\nHello"))
    assert report == bounces.Report("<a@b>", "5.1.1") and report.is_final


def test_a_report_crosses_no_wall_by_itself(app: Flask, world: World, sent: str) -> None:
    """The function is the platform's: no scope of a firm or of a client may mark a mail."""
    from sqlalchemy.exc import DBAPIError

    for scope in (world.firms[0].scope, world.companies[0].scope):
        with app.app_context(), pytest.raises(DBAPIError, match="permission denied"), inside(scope):
            bounces.note(dsn(sent))
    with app.app_context(), inside(Scope.platform()):
        assert bounces.note(dsn(sent))[1] == 1


def test_who_has_not_heard_and_why(app: Flask, world: World, signed_in: Browser, superuser: Superuser) -> None:
    firm, (a, b) = world.firms[0], world.firms[0].companies
    with app.app_context():
        _one, links = a_session(firm, [a, b], state="confirmed", days=3)
        _two, open_links = a_session(firm, [a], state="open", days=4)
        lost, refused, failed = enrol(a, links[a.slug], "participant", "sponsor", "second")
        (fine,) = enrol(b, links[b.slug], "participant")
        enrol(a, open_links[a.slug], "hr")
        superuser.execute("UPDATE member SET email = NULL, email_norm = NULL WHERE id = %s", (a.ids["member-participant"],))
        superuser.execute("UPDATE member SET refused_email = email_norm WHERE id = %s", (a.ids["member-sponsor"],))
        superuser.execute(
            "UPDATE outbox SET dead_at = now(), kind = 'enrolments.convocation_mail' WHERE payload->>'enrolment_id' = %s",
            (str(failed),),
        )
        drain()
    page = signed_in("owner@alpha.example").get("/alpha/letters/watch").text
    for why in ("No address", "Address refused", "Could not be sent", "Session not confirmed"):
        assert why in page, why
    assert str(lost) in page and str(refused) in page and str(failed) in page and str(fine) not in page
    sent_now = signed_in("owner@alpha.example").post(f"/alpha/letters/seats/{failed}/convocation")
    assert sent_now.status_code == 303
    with app.app_context():
        drain()
        subjects = [str(m["Subject"]) for m in arrived(a.address("second"))]
        assert subjects.count("Your convocation: Committed manager") == 1
    assert str(failed) not in signed_in("owner@alpha.example").get("/alpha/letters/watch").text


def test_a_mail_no_server_takes_shows_as_such(
    app: Flask, world: World, sent: str, signed_in: Browser, superuser: Superuser
) -> None:
    company = world.companies[0]
    superuser.execute("UPDATE member SET email = 'bad\r\naddress@x.example' WHERE id = %s", (company.ids["member-participant"],))
    signed_in("owner@alpha.example").post(f"/alpha/letters/{log_id(superuser, sent)}/again")
    row = superuser.execute("SELECT id FROM outbox WHERE kind = 'enrolments.seated_mail' AND done_at IS NULL").fetchone()
    assert row is not None
    page = f"/alpha/w/alpha-a/seats/{company.ids['told']}"
    hr = signed_in(company.address("hr"))
    assert "Waiting to leave" in hr.get(page).text
    with app.app_context():
        for _ in range(ATTEMPTS):
            run(str(row[0]))
    assert "Could not be sent" in hr.get(page).text
