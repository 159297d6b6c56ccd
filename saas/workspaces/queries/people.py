"""Reads of the people of a client company. In workspace scope."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import abort
from sqlalchemy import Select, any_, select

from saas.identity.models import Member
from saas.kit.names import fold
from tenants.db import db


def people(search: str = "", department: str = "", site: str = "", role: str = "") -> Select[Member]:
    """Workspace scope: the people who are here, by family name, filtered; the statement, to be paged."""
    statement = select(Member).where(Member.left_at.is_(None)).order_by(Member.name_folded, Member.id)
    if search:
        needle = fold(search)
        statement = statement.where(
            Member.name_folded.contains(needle, autoescape=True) | Member.email_norm.contains(needle, autoescape=True)
        )
    if department:
        statement = statement.where(Member.department == department)
    if site:
        statement = statement.where(Member.site == site)
    if role:
        statement = statement.where(any_(Member.roles) == role)
    return statement


def hr_people() -> Sequence[Member]:
    """Workspace scope: who is HR here."""
    return db.session.scalars(people(role="hr")).all()


def people_filters() -> tuple[list[str], list[str]]:
    """Workspace scope: the departments and the sites that people have."""
    rows = db.session.execute(select(Member.department, Member.site).where(Member.left_at.is_(None)).distinct()).all()
    return sorted({r[0] for r in rows if r[0]}, key=fold), sorted({r[1] for r in rows if r[1]}, key=fold)


def member(member_id: UUID) -> Member:
    """Workspace scope: one person. 404 when there is none here."""
    found = db.session.scalar(select(Member).where(Member.id == member_id, Member.left_at.is_(None)))
    if found is None:
        abort(404)
    return found
