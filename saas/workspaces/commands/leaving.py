"""People who leave a client company, and who come back. In workspace scope."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, func, select, update

from saas.identity.models import Member
from saas.kit import journal
from saas.kit.clock import at, now, today
from saas.kit.errors import Refused
from saas.workspaces.commands.inviting import revoke_all
from saas.workspaces.commands.people import must_keep_an_hr
from saas.workspaces.policy import by_staff, is_oneself, must_answer_for_all
from saas.workspaces.signals import members_left
from tenants.db import db, new_id


def leave_all(who: Select[Member], on: dt.date) -> int:
    """Mark people as gone on a day: they lose access and their zones at once; returns how many. Raises Refused, by field.

    History, seats to come and certificates stay; whatever was only asked for, waited for or offered is given up.
    """
    if on > today():
        raise Refused(_l("A day to come: mark them as gone when they have left."), "left_on")
    here = who.order_by(None).where(Member.left_at.is_(None)).order_by(Member.id).with_for_update(of=Member)
    people = db.session.execute(here.with_only_columns(Member.id, Member.first_name, Member.last_name, Member.roles)).all()
    _check(people)
    ids = [person.id for person in people]
    if not ids:
        return 0
    db.session.scalar(select(func.end_zones(ids)))
    members_left.send(db, member_ids=ids)
    revoke_all(ids)
    moment = now() if on == today() else at(on, 12)
    db.session.execute(update(Member).where(Member.id.in_(ids)).values(left_at=moment))
    if len(ids) == 1:
        journal.note("member.left", f"{people[0].first_name} {people[0].last_name}".strip(), ids[0], on=on.isoformat())
    else:
        journal.note("people.left", str(len(ids)), new_id(), people=[str(i) for i in ids], on=on.isoformat())
    return len(ids)


def _check(people: Sequence[Any]) -> None:
    hr = [person for person in people if "hr" in person.roles]
    if any(is_oneself(person.id) for person in hr) and not by_staff():
        raise Refused(_l("You cannot mark yourself as gone: ask another HR or your training firm."), "left_on")
    if hr:
        must_answer_for_all()
        must_keep_an_hr({person.id for person in hr})


def come_back(person: Member) -> None:
    """Somebody who had left is here again, as a participant or sponsor; HR is named anew. Raises Refused."""
    if person.left_at is None:
        raise Refused(_l("%(name)s is here already.", name=person.name))
    if person.erased_at is not None:
        raise Refused(_l("This person is erased: add them anew."))
    person.left_at = None
    person.roles = [role for role in person.roles if role != "hr"] or ["participant"]
    person.hr_sites, person.hr_departments = [], []
    db.session.flush()
    journal.note("member.returned", person.name, person.id)
