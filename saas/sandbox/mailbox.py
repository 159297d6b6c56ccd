"""The sandbox mailbox: what would have been sent, to be read in the browser."""

from __future__ import annotations

import email
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from flask import Blueprint, Response, abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from saas.kit import bounces
from saas.kit.access import EVERYONE, open_to
from saas.kit.mail import mailbox
from tenants.scope import Kind

bp = Blueprint("mailbox", __name__, template_folder="templates", url_prefix="/-/mailbox")
MOST = 200


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail as it would have arrived."""

    key: str
    to: str
    subject: str
    text: str
    to_bounce: bool
    calendars: tuple[str, ...]


def letters(to: str = "") -> list[Letter]:
    """The newest mails first; `to` keeps those of one address."""
    files = sorted(mailbox().glob("*.eml"), key=lambda path: path.stat().st_mtime_ns, reverse=True)[:MOST]
    read = [_letter(path) for path in files]
    return [letter for letter in read if to.casefold() in letter.to.casefold()]


def _letter(path: Path) -> Letter:
    message = email.message_from_bytes(path.read_bytes(), policy=default)
    if not isinstance(message, EmailMessage):
        raise TypeError("not a mail")
    body = message.get_body(("plain",))
    calendars = [part.get_content() for part in message.iter_attachments() if part.get_content_type() == "text/calendar"]
    text, to = body.get_content() if body else "", str(message["to"])
    return Letter(path.stem, to, str(message["subject"]), text, not path.with_suffix(".bounced").exists(), tuple(calendars))


@bp.get("")
@open_to(EVERYONE, within=Kind.PLATFORM)
def index() -> str:
    if current_app.config["MAIL_URL"] != "sandbox:":
        abort(404)
    to = request.args.get("to", "")
    return render_template("sandbox/mailbox.html", letters=letters(to), to=to)


@bp.get("/<uuid:key>/<int:number>.ics")
@open_to(EVERYONE, within=Kind.PLATFORM)
def calendar(key: object, number: int) -> Response:
    """A calendar entry of a mail."""
    path = mailbox() / f"{key}.eml"
    if current_app.config["MAIL_URL"] != "sandbox:" or not path.is_file():
        abort(404)
    found = _letter(path).calendars
    if not 0 < number <= len(found):
        abort(404)
    return Response(found[number - 1], content_type="text/calendar; charset=utf-8")


@bp.post("/<uuid:key>/bounce")
@open_to(EVERYONE, within=Kind.PLATFORM)
def bounce(key: object) -> BaseResponse:
    """What a server would send back if this mail's address did not exist."""
    path = mailbox() / f"{key}.eml"
    if current_app.config["MAIL_URL"] != "sandbox:" or not path.is_file():
        abort(404)
    _report, marked = bounces.note(report_on(path.read_bytes()))
    path.with_suffix(".bounced").touch()
    flash(_("The address is marked as refused.") if marked else _("This mail is in no log of a firm."), "ok")
    return redirect(url_for("mailbox.index"), 303)


def report_on(raw: bytes) -> bytes:
    """A delivery report (RFC 3464) about a mail: its address does not exist."""
    message = email.message_from_bytes(raw, policy=default)
    head = f"Message-ID: {message['Message-ID']}\r\nSubject: a mail of the demo\r\n"
    parts = (
        ("text/plain", "This address does not exist."),
        ("message/delivery-status", f"Reporting-MTA: dns; demo\r\n\r\nFinal-Recipient: rfc822; {message['To']}\r\nAction: failed\r\nStatus: 5.1.1\r\n"),
        ("text/rfc822-headers", head),
    )  # fmt: skip
    body = "".join(f"--b\r\nContent-Type: {kind}\r\n\r\n{content}\r\n" for kind, content in parts)
    return f"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n{body}--b--\r\n".encode()
