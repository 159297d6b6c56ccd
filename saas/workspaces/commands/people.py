"""Writes about the people of a client company. In workspace scope."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from flask import g
from flask_babel import lazy_gettext as _l
from sqlalchemy import any_, func, select
from sqlalchemy.exc import IntegrityError

from saas.identity.commands.inviting import invite_member, is_invited
from saas.identity.commands.people import add_member
from saas.identity.models import Member
from saas.kit import journal
from saas.kit.errors import Refused
from saas.kit.names import email_norm
from saas.workspaces.commands.inviting import revoke_all
from saas.workspaces.policy import by_staff, is_oneself, must_answer_for_all, must_hold
from saas.workspaces.queries.people import called
from tenants.db import db

TAKEN = {
    "email": _l("Somebody in this workspace has this address already."),
    "employee_number": _l("Somebody in this workspace has this employee number already."),
}


def add_person(values: Mapping[str, Any]) -> Member:
    """Add a participant from what a form says. Raises Refused, by field, on what is taken, unknown or outside one's limits."""
    must_hold(values["site"], values["department"])
    given = dict(values)
    number, said = given.pop("employee_number") or None, given.pop("line_manager")
    _must_be_free(None, "employee_number", number)
    leads = manager_reference(said)
    person = add_member(
        given.pop("first_name"), given.pop("last_name"), given.pop("email") or None, roles=["participant"],
        employee_number=number, line_manager=leads, **given,
    )  # fmt: skip
    journal.note("member.added", person.name, person.id)
    return person


def change_person(person: Member, values: Mapping[str, Any]) -> list[str]:
    """Write what a form says of somebody; returns the names of what changed. Raises Refused, by field.

    A new address has to be proved before it opens anything: the account is dropped, what was theirs in the community
    ends, and open invitations to the old address too.
    """
    must_hold(values["site"], values["department"])
    given = {**values, "email": values["email"] or None, "employee_number": values["employee_number"] or None}
    if given["line_manager"] != person.line_manager:
        given["line_manager"] = manager_reference(given["line_manager"], person)
    changed = [name for name, value in given.items() if value != getattr(person, name)]
    if "employee_number" in changed:
        _must_be_free(person, "employee_number", given["employee_number"])
    if "email" in changed:
        _move(person, given["email"])
    _write(person, {name: given[name] for name in changed})
    if changed:
        journal.note("member.changed", person.name, person.id, fields=changed)
    return changed


def _move(person: Member, address: str | None) -> None:
    norm = email_norm(address) if address else None
    if norm == person.email_norm:
        return  # only its capitals
    if is_oneself(person.id):
        raise Refused(_l("You would lose your own access: ask another HR or your training firm."), "email")
    _must_be_free(person, "email_norm", norm)
    db.session.scalar(select(func.end_zones([person.id])))
    revoke_all([person.id])
    person.account_id, person.email_norm = None, norm


def _must_be_free(person: Member | None, column: str, value: str | None) -> None:
    taken = select(Member.id).where(getattr(Member, column) == value)
    if person is not None:
        taken = taken.where(Member.id != person.id)
    if value and db.session.scalar(taken):
        field = column.removesuffix("_norm")
        raise Refused(TAKEN[field], field)


def _write(person: Member, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(person, name, value)
    person.name_folded = Member.folded(person.first_name, person.last_name)
    try:
        db.session.flush()
    except IntegrityError as error:  # two people typed the same at the same moment
        db.session.rollback()
        field = "email" if "email_norm" in str(error.orig) else "employee_number"
        raise Refused(TAKEN[field], field) from None


def manager_reference(said: str, person: Member | None = None) -> str:
    """How a line manager is kept: their employee number, else their address. Raises Refused when nobody or several are meant."""
    said = said.strip()
    if not said:
        return ""
    found = [one for one in called(said) if person is None or one.id != person.id]
    exact = [one for one in found if one.employee_number == said]
    if len(exact or found) > 1:
        known = ", ".join(f"{one.name} ({one.employee_number or one.email or '–'})" for one in found)
        raise Refused(_l("Several people are meant: %(who)s. Type one's employee number.", who=known), "line_manager")
    if not found:
        raise Refused(_l("Nobody here has this name or number. Choose somebody from the list."), "line_manager")
    lead = (exact or found)[0]
    if not (lead.employee_number or lead.email_norm):
        raise Refused(_l("%(name)s has neither a number nor an address: add one first.", name=lead.name), "line_manager")
    return lead.employee_number or lead.email_norm or ""


def set_roles(person: Member, roles: Collection[str], sites: Collection[str], departments: Collection[str]) -> None:
    """Say what somebody is here, and what an HR is limited to (empty: nothing). Raises Refused, by field."""
    must_answer_for_all()
    if not roles:
        raise Refused(_l("Choose at least one role."), "roles")
    limits = (sorted(sites), sorted(departments)) if "hr" in roles else ([], [])
    if is_oneself(person.id) and not by_staff() and ("hr" not in roles or any(limits)):
        raise Refused(_l("You cannot take your own role away or limit it: ask another HR or your training firm."), "roles")
    before = (sorted(person.roles), sorted(person.hr_sites), sorted(person.hr_departments))
    after = (sorted(roles), *limits)
    if before == after:
        return
    if "hr" in person.roles and not person.hr_sites and not person.hr_departments and ("hr" not in roles or any(limits)):
        must_keep_an_hr({person.id})
    gains = set(roles) - set(person.roles)
    person.roles, person.hr_sites, person.hr_departments = list(after[0]), after[1], after[2]
    db.session.flush()
    journal.note("member.roles", person.name, person.id, roles=after[0], sites=after[1], departments=after[2])
    if gains and person.account_id is None and is_invited(person):
        invite_member(person, g.viewer.name)  # the mail they have was for less, and opens nothing any more


def must_keep_an_hr(without: Collection[UUID]) -> None:
    """Raises Refused when no HR of the whole company would be left; staff may. The HR are locked: two may act at once."""
    whole = (func.cardinality(Member.hr_sites) == 0, func.cardinality(Member.hr_departments) == 0)
    hr = select(Member.id).where(Member.left_at.is_(None), any_(Member.roles) == "hr", *whole)
    left = set(db.session.scalars(hr.order_by(Member.id).with_for_update())) - set(without)
    if not left and not by_staff():
        raise Refused(_l("This is the last HR of the company: name another one first, or ask your training firm."), "roles")
