"""What identity holds about people: who they are to a company or a firm, and how they sign in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, func, select, update

from saas.identity.models import AccountAddress, Invitation, Member, SignIn, SignInCode, Staff, StaffCard, StaffDocument
from saas.kit.clock import now
from saas.kit.formats import role_name
from saas.kit.i18n import LANGUAGES, pick
from saas.kit.personal import Erasing, Fact, Part, Person, Row, holds_personal, not_personal
from saas.kit.retention import Keep, keep, old
from tenants.db import db
from tenants.scope import Kind

COLUMNS = (
    ("first_name", _l("First name")), ("last_name", _l("Last name")), ("email", _l("Work e-mail address")),
    ("employee_number", _l("Employee number")), ("department", _l("Department")), ("site", _l("Site")),
    ("job_title", _l("Job title")), ("line_manager", _l("Line manager")), ("entered_on", _l("Entry date")),
)  # fmt: skip


def _member(person: Person) -> Member | None:
    return db.session.scalar(select(Member).where(Member.id == person.member_id))


def _read_member(person: Person) -> Sequence[Row]:
    found = _member(person)
    if found is None:
        return []
    facts = [Fact(name, label, getattr(found, name)) for name, label in COLUMNS]
    return [
        [
            *facts, Fact("language", _l("Language"), LANGUAGES[found.language]), Fact("roles", _l("Roles"), [role_name(role) for role in found.roles]),
            Fact("since", _l("In this space since"), found.created_at), Fact("left", _l("Left on"), found.left_at),
        ]
    ]  # fmt: skip


def _erase_member(person: Person, how: Erasing) -> None:
    """What others hang on a person's number or address goes first: afterwards nothing says whose it was."""
    found = _member(person)
    if found is None or found.erased_at is not None:
        return
    led = [said for said in (found.employee_number, found.email_norm) if said]
    db.session.execute(update(Member).where(Member.line_manager.in_(led)).values(line_manager=""))
    found.first_name, found.last_name, found.name_folded = "", how.name, Member.folded("", how.name)
    found.email = found.email_norm = found.employee_number = found.entered_on = found.account_id = None
    found.department = found.site = found.job_title = found.line_manager = found.refused_email = ""
    found.hr_sites, found.hr_departments = [], []
    found.roles = [role for role in found.roles if role != "hr"] or ["participant"]
    found.left_at, found.erased_at = found.left_at or now(), now()
    db.session.flush()


def _read_invitations(person: Person) -> Sequence[Row]:
    rows = db.session.scalars(select(Invitation).where(Invitation.member_id == person.member_id).order_by(Invitation.created_at))
    return [
        [
            Fact("address", _l("Sent to"), row.email_norm), Fact("invited_by", _l("By"), row.invited_by),
            Fact("at", _l("On"), row.created_at), Fact("used_at", _l("Used on"), row.used_at),
        ]
        for row in rows
    ]  # fmt: skip


def _erase_invitations(person: Person, how: Erasing) -> None:
    own = Invitation.member_id == person.member_id
    db.session.execute(update(Invitation).where(own, Invitation.is_awaited()).values(revoked_at=now()))
    db.session.execute(update(Invitation).where(own).values(email_norm=""))
    if how.called:
        db.session.execute(update(Invitation).where(Invitation.invited_by == how.called).values(invited_by=how.name))


def _read_account(person: Person) -> Sequence[Row]:
    """Platform scope: addresses proved, and devices that are signed in."""
    addresses = db.session.scalars(select(AccountAddress).where(AccountAddress.account_id == person.account_id))
    devices = db.session.scalars(select(SignIn).where(SignIn.account_id == person.account_id).order_by(SignIn.created_at.desc()))
    rows: list[Row] = [
        [Fact("address", _l("Address"), row.email_norm), Fact("proved_at", _l("Proved on"), row.verified_at)] for row in addresses
    ]
    rows += [
        [
            Fact("device", _l("Device"), row.device), Fact("network", _l("Network address"), row.network), Fact("signed_in_at", _l("Signed in on"), row.created_at),
            Fact("seen_at", _l("Last seen"), row.seen_at), Fact("ended_at", _l("Ended on"), row.revoked_at),
        ]
        for row in devices
    ]  # fmt: skip
    return rows


def _read_staff(person: Person) -> Sequence[Row]:
    found = db.session.scalar(select(Staff).where(Staff.id == person.staff_id))
    if found is None:
        return []
    card: StaffCard = found.card
    return [
        [
            Fact("name", _l("Name"), card.name), Fact("email", _l("E-mail address"), found.email),
            Fact("phone", _l("Telephone"), card.phone), Fact("language", _l("Language"), LANGUAGES[found.language]),
            Fact("roles", _l("Roles"), [role_name(role) for role in found.roles]), Fact("bio", _l("Presentation"), pick(card.bio or {})),
            Fact("skills", _l("Skills"), [str(skill) for skill in card.skills]), Fact("left", _l("Left on"), found.left_at),
        ]
    ]  # fmt: skip


def _read_papers(person: Person) -> Sequence[Row]:
    rows = db.session.scalars(select(StaffDocument).where(StaffDocument.staff_id == person.staff_id))
    return [
        [
            Fact("label", _l("Document"), row.label), Fact("added_at", _l("Added on"), row.added_at),
            Fact("expires_on", _l("Valid until"), row.expires_on),
        ]
        for row in rows
    ]  # fmt: skip


ACCOUNT = holds_personal(
    Part(
        "account", _l("How you sign in"), _l("addresses you proved, devices that are signed in and their network address"),
        _l("let you in, and nobody else"), "contract",
        ("account", "account_address", "sign_in", "sign_in_grant", "sign_in_code", "second_factor", "recovery_code"), _read_account, Kind.PLATFORM,
    )
)  # fmt: skip
MEMBER = holds_personal(
    Part(
        "member", _l("Who you are"), _l("name, work e-mail, employee number, department, site, job title, line manager"),
        _l("enrol you, convoke you and write to you in your language"), "contract", ("member",), _read_member, erase=_erase_member,
        rank=2,
    )
)  # fmt: skip
INVITATIONS = holds_personal(
    Part(
        "invitations", _l("Invitations"), _l("the address an invitation was sent to, who sent it, when"),
        _l("let you join your company's space"), "contract", ("invitation",), _read_invitations, erase=_erase_invitations,
    )
)  # fmt: skip
STAFF = holds_personal(
    Part(
        "staff", _l("Your card"), _l("name, work e-mail, telephone, roles, presentation, skills, clients"),
        _l("run the firm, and tell clients whom they work with"), "contract",
        ("staff", "staff_card", "staff_client", "staff_pin"), _read_staff, Kind.FIRM,
    )
)  # fmt: skip
PAPERS = holds_personal(
    Part(
        "papers", _l("Your documents"), _l("CV, diplomas, contracts, insurance"),
        _l("show that trainers are qualified (C. trav. L6352-1)"), "duty", ("staff_document",), _read_papers, Kind.FIRM,
    )
)  # fmt: skip
not_personal("the client company itself, a legal person; its advisor is a card of the staff", "workspace")
not_personal("the training firm itself, a legal person; who signs for it signs as the firm", "firm", "firm_profile")


def _codes(before: dt.datetime, most: int) -> int:
    some = select(SignInCode.id).where(SignInCode.created_at < before).limit(most)
    return len(db.session.scalars(delete(SignInCode).where(SignInCode.id.in_(some)).returning(SignInCode.id)).all())


def _sign_ins(before: dt.datetime, most: int) -> int:
    some = select(SignIn.id).where(func.least(SignIn.revoked_at, SignIn.expires_at) < before).limit(most)
    return len(db.session.scalars(delete(SignIn).where(SignIn.id.in_(some)).returning(SignIn.id)).all())


keep(
    Keep(
        "codes", _l("Sign-in links and codes"), _l("they open for 15 minutes"), days=1, since=_l("after they were asked for"),
        purge=_codes, scopes=(Kind.PLATFORM,),
    )
)  # fmt: skip
keep(
    Keep(
        "sign_ins", _l("Devices that were signed in"), _l("to look into a theft of access"), months=12,
        since=_l("after the sign-in ended"), purge=_sign_ins, scopes=(Kind.PLATFORM,),
    )
)  # fmt: skip
keep(
    Keep(
        "invitations", _l("Invitations"), _l("to know who let whom in"), months=12, since=_l("after they were sent, once they are over"),
        purge=old("invitation"),
    )
)  # fmt: skip
