"""The one door to mail: text and HTML in the reader's language, sent by SMTP or kept in the sandbox mailbox.

Only jobs call ``send``. A kill between the server's acceptance and our commit may repeat a mail, with the same
Message-ID; nothing else happens twice.
"""

from __future__ import annotations

import datetime as dt
import smtplib
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID, uuid5

from flask import current_app, render_template
from sqlalchemy import Index, func, insert
from sqlalchemy.orm import Mapped, mapped_column

from saas.kit.clock import now
from saas.kit.i18n import reader_in
from tenants.db import Model, Shared, db, new_id
from tenants.queue import running


class MailLog(Shared, Model):
    """What was sent to whom: never the body."""

    to: Mapped[str]
    subject: Mapped[str]
    template: Mapped[str]
    sent_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    __table_args__ = (Index(None, "firm_id", "workspace_id", "sent_at"),)


def send(
    to: tuple[str, str], language: str, template: str, *, sender: str = "Cordée", reply_to: str = "",
    calendar: Sequence[bytes] = (), method: str = "REQUEST", workspace_id: UUID | None = None, **context: Any,
) -> None:  # fmt: skip
    """Write and send one mail.

    `to` is (name, address); `template` names a folder with subject.txt, body.txt and body.html; `calendar` holds
    iCalendar entries (RFC 5545) sent with `method` (RFC 5546). Raises OSError or smtplib.SMTPException: the job is tried
    again.
    """
    name, address = to
    with reader_in(language):
        subject = " ".join(render_template(f"{template}/subject.txt", **context).splitlines()).strip(" ")
        text = render_template(f"{template}/body.txt", **context, subject=subject, sender=sender)
        html = render_template(f"{template}/body.html", **context, subject=subject, sender=sender)
    mail = EmailMessage()
    mail["From"] = formataddr((sender, current_app.config["MAIL_FROM"]))
    mail["To"] = formataddr((name, address))
    mail["Subject"] = subject
    mail["Date"] = format_datetime(now())
    mail["Message-ID"] = f"<{uuid5(running() or new_id(), address)}@{urlsplit(current_app.config['PUBLIC_URL']).hostname}>"
    mail["Auto-Submitted"] = "auto-generated"
    if reply_to:
        mail["Reply-To"] = reply_to
    mail.set_content(text)
    mail.add_alternative(html, subtype="html")
    for number, entry in enumerate(calendar, 1):
        name = f"{number}.ics"
        mail.add_attachment(entry, "text", "calendar", filename=name, params={"method": method, "charset": "utf-8"})
    mail["Content-Language"] = language  # last: giving a mail its content removes every Content-… header it had
    _deliver(mail)
    values: dict[str, Any] = {"to": address, "subject": subject, "template": template}
    if workspace_id is not None:
        values["workspace_id"] = workspace_id
    db.session.execute(insert(MailLog).values(values))


def _deliver(mail: EmailMessage) -> None:
    url = urlsplit(current_app.config["MAIL_URL"])
    if url.scheme == "sandbox":
        _keep(mail)
        return
    server = smtplib.SMTP_SSL if url.scheme == "smtps" else smtplib.SMTP
    with server(url.hostname or "localhost", url.port or 0, timeout=20) as smtp:
        # A relay without TLS is taken as it is, but never given a password in clear.
        smtp.ehlo_or_helo_if_needed()
        if url.scheme == "smtp" and (url.username or smtp.has_extn("starttls")):
            smtp.starttls()
        if url.username:
            smtp.login(unquote(url.username), unquote(url.password or ""))
        smtp.send_message(mail)


def mailbox() -> Path:
    """The sandbox mailbox: a folder of messages."""
    return Path(current_app.config["STORAGE_DIR"]).absolute() / "mailbox"


def _keep(mail: EmailMessage) -> None:
    mailbox().mkdir(parents=True, exist_ok=True)
    name = mail["Message-ID"].strip("<>").split("@")[0]
    (mailbox() / f"{name}.eml").write_bytes(mail.as_bytes())
