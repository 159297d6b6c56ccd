"""Mail through a real SMTP server: what arrives, and what happens when the server will not have it."""

from __future__ import annotations

import base64
import socket
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import ClassVar
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from icalendar import Calendar

from saas.config import BadSettings, read
from tenants import queue
from tenants.scope import inside
from tests.cast import World

Connection = psycopg.Connection[tuple[object, ...]]
PASSWORD = "s3cret/word"


@dataclass
class Arrived:
    sender: str
    recipients: list[str]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        parsed = message_from_bytes(self.raw, policy=default)
        assert isinstance(parsed, EmailMessage)
        return parsed


@dataclass
class Server(socketserver.ThreadingTCPServer):
    """As much of RFC 5321 as a client needs; `refuse` answers one command with a code of its own."""

    refuse: dict[str, str] = field(default_factory=dict)
    arrived: list[Arrived] = field(default_factory=list)
    allow_reuse_address: ClassVar[bool] = True
    daemon_threads: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"


class Conversation(socketserver.StreamRequestHandler):
    server: Server

    def answer(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        self.answer("220 tests ESMTP")
        mail = Arrived("", [], b"")
        while line := self.rfile.readline():
            verb, _, rest = line.decode().strip().partition(" ")
            verb = verb.upper()
            if verb in self.server.refuse:
                self.answer(self.server.refuse[verb])
            elif verb == "EHLO":
                self.answer("250-tests\r\n250 8BITMIME")
            elif verb == "MAIL":
                mail = Arrived(rest, [], b"")
                self.answer("250 yes")
            elif verb == "RCPT":
                mail.recipients.append(rest.split("<")[1].split(">")[0])
                self.answer("250 yes")
            elif verb == "DATA":
                self.answer("354 go on")
                lines = []
                while (text := self.rfile.readline()) != b".\r\n":
                    lines.append(text[1:] if text.startswith(b"..") else text)
                mail.raw = b"".join(lines)
                self.server.arrived.append(mail)
                self.answer("250 taken")
            elif verb == "QUIT":
                self.answer("221 bye")
                return
            else:
                self.answer("250 yes")


@pytest.fixture
def smtp(app: Flask) -> Iterator[Server]:
    """A server that the application sends through."""
    with Server() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        sandbox = app.config["MAIL_URL"]
        app.config["MAIL_URL"] = server.url
        yield server
        app.config["MAIL_URL"] = sandbox
        server.shutdown()


@pytest.fixture
def seated(app: Flask, world: World, superuser: Connection) -> UUID:
    """The outbox row that asks for the mail about the second participant's seat, and no other open row."""
    superuser.execute("DELETE FROM outbox")
    superuser.execute("DELETE FROM mail_log")
    company = world.firms[0].companies[0]
    with app.app_context(), inside(company.scope):
        return queue.later("enrolments.seated_mail", enrolment_id=company.ids["enrolment_id"])


def run(app: Flask, row: UUID) -> None:
    with app.app_context():
        queue.run(str(row))


def row_of(superuser: Connection, row: UUID) -> tuple[object, ...]:
    """(done, attempts, dead, will be tried later, error)"""
    found = superuser.execute(
        "SELECT done_at IS NOT NULL, attempts, dead_at IS NOT NULL, due_at > now(), error FROM outbox WHERE id = %s", (row,)
    ).fetchone()
    assert found is not None
    return found


def logged(superuser: Connection) -> int:
    row = superuser.execute("SELECT count(*) FROM mail_log").fetchone()
    return int(str(row[0])) if row else -1


def test_a_mail_arrives_whole_in_the_readers_language(
    app: Flask, world: World, smtp: Server, seated: UUID, superuser: Connection
) -> None:
    company = world.firms[0].companies[0]
    superuser.execute("UPDATE member SET language = 'fr', first_name = 'Zoé' WHERE email = %s", (company.address("second"),))
    run(app, seated)
    (arrived,) = smtp.arrived
    mail = arrived.message
    assert arrived.recipients == [company.address("second")] and app.config["MAIL_FROM"] in arrived.sender
    assert mail["Subject"] == "Votre inscription\u00a0: Manager engagé"
    assert mail["Content-Language"] == "fr" and mail["Auto-Submitted"] == "auto-generated"
    assert str(mail["From"]) == f"Alpha <{app.config['MAIL_FROM']}>"
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None and html is not None
    for part in (text, html):
        assert "Zoé" in part.get_content() and "Manager engagé" in part.get_content()
        assert "http://localhost/" in part.get_content()
    assert row_of(superuser, seated)[:2] == (True, 0) and logged(superuser) == 1


def test_the_calendar_comes_along(app: Flask, world: World, smtp: Server, seated: UUID) -> None:
    run(app, seated)
    (part,) = [p for p in smtp.arrived[0].message.iter_attachments() if p.get_content_type() == "text/calendar"]
    assert part.get_param("method") == "REQUEST" and part.get_filename() == "1.ics"
    entry = Calendar.from_ical(part.get_payload(decode=True))
    assert entry["METHOD"] == "REQUEST"
    (event,) = entry.walk("VEVENT")
    assert str(event["SUMMARY"]) == "Committed manager" and "second@alpha-a.example" in str(event["ATTENDEE"]).lower()


def test_the_same_work_sends_the_same_message_id(
    app: Flask, world: World, smtp: Server, seated: UUID, superuser: Connection
) -> None:
    """After the server took a mail and before we noted it, a kill may repeat it: readers' programs then show it once."""
    run(app, seated)
    superuser.execute("UPDATE outbox SET done_at = NULL WHERE id = %s", (seated,))
    run(app, seated)
    first, again = (arrived.message["Message-ID"] for arrived in smtp.arrived)
    assert first == again and first.endswith("@localhost>")
    company = world.firms[0].companies[0]
    with app.app_context(), inside(company.scope):
        other = queue.later("enrolments.seated_mail", enrolment_id=company.ids["enrolment_id"])
    run(app, other)
    assert smtp.arrived[2].message["Message-ID"] != first


@pytest.mark.parametrize(
    ("verb", "answer"),
    [
        ("MAIL", "451 later"),
        ("RCPT", "450 mailbox busy"),
        ("RCPT", "550 no such person"),
        ("DATA", "554 no"),
        ("EHLO", "421 closing"),
    ],
)
def test_what_the_server_refuses_is_tried_again(
    app: Flask, world: World, smtp: Server, seated: UUID, superuser: Connection, verb: str, answer: str
) -> None:
    smtp.refuse = {verb: answer, **({"HELO": answer} if verb == "EHLO" else {})}
    run(app, seated)
    done, attempts, dead, later, error = row_of(superuser, seated)
    assert (done, attempts, dead, later) == (False, 1, False, True)
    assert "SMTP" in str(error) and answer[:3] in str(error)
    assert logged(superuser) == 0 and smtp.arrived == []
    smtp.refuse = {}
    run(app, seated)
    assert row_of(superuser, seated)[0] is True and logged(superuser) == 1 and len(smtp.arrived) == 1


def test_a_server_that_is_away_is_tried_again(app: Flask, smtp: Server, seated: UUID, superuser: Connection) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        app.config["MAIL_URL"] = f"smtp://127.0.0.1:{closed.getsockname()[1]}"
        run(app, seated)
    done, attempts, dead, later, error = row_of(superuser, seated)
    assert (done, attempts, dead, later) == (False, 1, False, True) and "ConnectionRefusedError" in str(error)
    assert logged(superuser) == 0


def test_a_mail_no_server_takes_waits_for_a_person(app: Flask, smtp: Server, seated: UUID, superuser: Connection) -> None:
    smtp.refuse = {"RCPT": "550 no such person"}
    for _ in range(queue.ATTEMPTS):
        run(app, seated)
    assert row_of(superuser, seated)[:3] == (False, queue.ATTEMPTS, True)


@pytest.mark.parametrize("fault", ["no TLS", "refused", "away", "port"])
def test_the_password_is_never_written_down(
    app: Flask, smtp: Server, seated: UUID, superuser: Connection, capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture, fault: str,
) -> None:  # fmt: skip
    """Not in a log, not in the outbox, in no form."""
    port = smtp.server_address[1]
    smtp.refuse = {"STARTTLS": "454 no TLS", "AUTH": "535 who?"} if fault != "no TLS" else {}
    encoded = PASSWORD.replace("/", "%2F")
    host = {"away": "127.0.0.1:1", "port": "127.0.0.1:notaport"}.get(fault, f"127.0.0.1:{port}")
    app.config["MAIL_URL"] = f"smtp://postman:{encoded}@{host}"
    run(app, seated)
    error = str(row_of(superuser, seated)[4])
    assert error and row_of(superuser, seated)[1] == 1
    captured = capfd.readouterr()
    seen = captured.out + captured.err + caplog.text + error
    plain = base64.b64encode(f"\0postman\0{PASSWORD}".encode()).decode()
    for secret in (PASSWORD, encoded, plain, base64.b64encode(PASSWORD.encode()).decode()):
        assert secret not in seen
    assert smtp.arrived == []


@pytest.mark.parametrize(
    "url",
    ["smtp://user:h4lf/m00n@host:587", "smtp://host:notaport", "smtp://host:99999", "smtp://user:h4lf#m00n@host", "smtp://"],
)
def test_a_mail_server_that_cannot_be_read_is_refused_at_the_start(url: str) -> None:
    """A password with / or # cuts the address short: said at the start, without the password, not at the first mail."""
    settings = {
        "DATABASE_URL": "postgresql+psycopg://x", "REDIS_URL": "redis://x", "SECRET_KEY": "x" * 32, "PUBLIC_URL": "http://127.0.0.1",
    }  # fmt: skip
    with pytest.raises(BadSettings, match="MAIL_URL") as refusal:
        read({**settings, "MAIL_URL": url})
    assert "h4lf" not in str(refusal.value) and "m00n" not in str(refusal.value)
    assert read({**settings, "MAIL_URL": "smtp://user:h4lf%2Fm00n@host:587"}).mail_url
