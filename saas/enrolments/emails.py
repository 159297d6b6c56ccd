"""Mails about a seat: one an event, to the person it concerns, in their language, with the calendar entry that follows it."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import select

from saas.enrolments.models import Enrolment
from saas.identity.commands import invitation_token, member_invitation
from saas.identity.models import Member
from saas.kit import calendar, mail
from saas.kit.i18n import pick, reader_in
from tenants.db import db
from tenants.models import Firm, Workspace
from tenants.resolver import link


def send(kind: str, row: Enrolment) -> None:
    """Tell a person about their enrolment; nobody is told who has left or has no address, or whose enrolment moved on since."""
    member, session = row.member, row.link.session
    if kind in ("requested", "lapsed", "substituted_out", "substituted_in", "transferred"):
        return
    if not member.email or member.left_at is not None or (kind in ("seated", "waiting", "offered") and row.state != kind):
        return
    firm = db.session.scalars(select(Firm)).one()
    workspace = db.session.scalars(select(Workspace).where(Workspace.id == row.workspace_id)).one()
    url = _door(row, link(firm.slug, "seats.show", workspace=workspace.slug, enrolment_id=row.id), firm)
    with reader_in(member.language):
        title = pick(session.version.title)
        entries = _entries(row, title, url)
    method = {"seated": "REQUEST", "withdrawn": "CANCEL", "cancelled": "CANCEL"}.get(kind)
    mail.send(
        (member.name, member.email), member.language, f"enrolments/mails/{kind}",
        sender=firm.name, workspace_id=row.workspace_id, url=url, member=member, session=session, title=title,
        row=row, workspace=workspace, method=method or "REQUEST",
        calendar=_files(entries, method, firm, member) if method and row.seated_at else (),
    )  # fmt: skip


def _door(row: Enrolment, page: str, firm: Firm) -> str:
    """The seat's page; for somebody who has not joined yet, through an invitation, so that one click is enough."""
    if row.member.account_id is not None:
        return page
    token = invitation_token(member_invitation(row.member, firm.name))
    return link(None, "identity.invitation", token=token, next=urlsplit(page).path)


def _entries(row: Enrolment, title: str, url: str) -> list[calendar.Entry]:
    session = row.link.session
    place = ", ".join(part for part in (session.venue, session.address) if part) or session.video_url
    slots = [(slot.starts_at, slot.ends_at) for slot in session.slots]
    text = _("Your page for this training: %(url)s", url=url)
    return calendar.days(
        str(row.id), session.sequence + (row.ended_at is not None), title, slots, place=place, text=text, url=url
    )


def _files(entries: list[calendar.Entry], method: str, firm: Firm, member: Member) -> list[bytes]:
    organizer = (firm.name, current_app.config["MAIL_FROM"])
    attendee = (member.name, member.email or "")
    return [calendar.ics([entry], method, organizer, attendee) for entry in entries]


def feed_file(row: Enrolment, title: str, url: str) -> bytes:
    """The calendar file of one seat, to download."""
    return calendar.ics(_entries(row, title, url), "PUBLISH")
