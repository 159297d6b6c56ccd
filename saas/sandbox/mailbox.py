"""The sandbox mailbox: what would have been sent, to be read in the browser."""

from __future__ import annotations

import email
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from flask import Blueprint, Response, abort, current_app, render_template, request

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
    return Letter(path.stem, str(message["to"]), str(message["subject"]), body.get_content() if body else "", tuple(calendars))


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
