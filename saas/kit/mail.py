"""The one door to mail: text and HTML in the reader's language, sent by SMTP or kept in the sandbox mailbox.

Only jobs call ``send``. A kill between the server's acceptance and our commit may repeat a mail, with the same
Message-ID; nothing else happens twice.
"""

from __future__ import annotations

import datetime as dt
import smtplib
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID, uuid5

from flask import current_app, render_template
from sqlalchemy import CheckConstraint, Index, func, insert
from sqlalchemy.orm import Mapped, mapped_column

from saas.kit.calendar import method_of
from saas.kit.clock import now
from saas.kit.i18n import reader_in
from tenants.db import Model, Shared, db, new_id
from tenants.queue import running


class MailLog(Shared, Model):
    """What was sent to whom, and whether it came back: never the body.

    `template` says what kind of mail it was; `message_id` is what a delivery report names (see saas.kit.bounces).
    """

    to: Mapped[str]
    subject: Mapped[str]
    template: Mapped[str]
    sent_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    about_id: Mapped[UUID | None] = mapped_column(comment="the enrolment or the session it is about")
    member_id: Mapped[UUID | None] = mapped_column(comment="whom it was sent to")
    message_id: Mapped[str] = mapped_column(default="", server_default="")
    state: Mapped[str] = mapped_column(default="sent", server_default="sent")
    bounced_at: Mapped[dt.datetime | None]
    bounce: Mapped[str] = mapped_column(default="", server_default="", comment="status code of the report, RFC 3463")

    __table_args__ = (
        CheckConstraint("state IN ('sent', 'bounced')", name="state"),
        Index(None, "firm_id", "workspace_id", "sent_at"),
        Index(None, "firm_id", "about_id"),
        Index(None, "firm_id", "workspace_id", "to"),
        Index("ix_mail_log_message_id", "message_id"),
    )

    @property
    def kind(self) -> str:
        """What kind of mail it was: the last part of its template's name."""
        return self.template.rsplit("/", 1)[-1]


@dataclass(frozen=True, slots=True)
class Record:
    """What the log keeps of a mail beside its address and subject: its kind when templates are shared, whom and what about."""

    kind: str = ""
    about_id: UUID | None = None
    member_id: UUID | None = None
    workspace_id: UUID | None = None


def send(
    to: tuple[str, str], language: str, template: str, *, sender: str = "Cordée", reply_to: str = "",
    calendar: Sequence[bytes] = (), workspace_id: UUID | None = None, record: Record | None = None, **context: Any,
) -> None:  # fmt: skip
    """Write and send one mail.

    `to` is (name, address); `template` names a folder with subject.txt, body.txt and body.html; `calendar` holds
    iCalendar files (RFC 5545), each sent with the method that stands in it (RFC 5546). Raises OSError or
    smtplib.SMTPException: the job is tried again.
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
        params = {"method": method_of(entry), "charset": "utf-8"}
        mail.add_attachment(entry, "text", "calendar", filename=name, params=params)
    mail["Content-Language"] = language  # last: giving a mail its content removes every Content-… header it had
    _deliver(mail)
    _log(mail, address, template, record or Record(workspace_id=workspace_id))


def _log(mail: EmailMessage, address: str, template: str, record: Record) -> None:
    values: dict[str, Any] = {
        "to": address, "subject": str(mail["Subject"]), "template": record.kind or template, "about_id": record.about_id,
        "member_id": record.member_id, "message_id": str(mail["Message-ID"]),
    }  # fmt: skip
    if record.workspace_id is not None:
        values["workspace_id"] = record.workspace_id
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
