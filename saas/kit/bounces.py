"""Delivery reports (RFC 3464): which of our mails came back, and why. Read with the standard library alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.policy import compat32

from sqlalchemy import func, select

from tenants.db import db

MESSAGE_ID = re.compile(r"<[^<>\s]+@[^<>\s]+>")
STATUS = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")


@dataclass(frozen=True, slots=True)
class Report:
    """What a server says of one mail of ours: `status` is its code (RFC 3463), 5.1.1 for an address that does not exist."""

    message_id: str
    status: str

    @property
    def is_final(self) -> bool:
        """Whether nothing more will be tried: a mail that is only late has not come back."""
        return self.status.startswith("5")


def read(raw: bytes) -> Report | None:
    """The report in a mail; None when it is no delivery report, or names no mail."""
    message = message_from_bytes(raw, policy=compat32)
    if not any(part.get_content_type() == "message/delivery-status" for part in message.walk()):
        return None
    fields = {name: value for part in _statuses(message) for name, value in part.items()}
    action, status = str(fields.get("Action", "")).strip().lower(), STATUS.search(str(fields.get("Status", "")))
    named = _original(message)
    if action not in ("failed", "delayed") or not named:
        return None
    code = status[0] if status else "5.0.0"
    return Report(named, code if action == "failed" else f"4{code[1:]}")


def _statuses(message: Message) -> Iterator[Message]:
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status":
            inner = part.get_payload()
            yield from (block for block in inner if isinstance(block, Message)) if isinstance(inner, list) else ()


def _original(message: Message) -> str:
    """The Message-ID of the mail that a report is about: from the mail itself, its headers, or what the report answers."""
    for part in message.walk():
        inner = part.get_payload()
        if part.get_content_type() == "message/rfc822" and isinstance(inner, list) and isinstance(inner[0], Message):
            return str(inner[0].get("Message-ID", "")).strip()
        if part.get_content_type() == "text/rfc822-headers":
            content = part.get_payload(decode=True)
            headers = message_from_bytes(content if isinstance(content, bytes) else b"", policy=compat32)
            return str(headers.get("Message-ID", "")).strip()
    found = MESSAGE_ID.search(str(message.get("In-Reply-To", "")) + str(message.get("References", "")))
    return found[0] if found else ""


def note(raw: bytes) -> tuple[Report | None, int]:
    """Platform scope: mark the mail that a report says came back; the report, and how many rows of the log it marked."""
    report = read(raw)
    if report is None or not report.is_final:
        return report, 0
    return report, db.session.scalar(select(func.note_bounce(report.message_id, report.status))) or 0
