"""What the palette and the page of search find: at most five of each kind, four statements. Accents and case do not count.

Staff find what is their firm's, and those limited to some clients theirs alone; a trainer, their own sessions; a client's
HR, what is in their workspace. Each reads in a scope of their own: nothing here could find another firm's or client's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import g, url_for
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, or_, select, true
from sqlalchemy.orm import aliased, joinedload

from saas.catalogue.models import Offer, ProgrammeVersion, SessionLink, SessionTrainer, TrainingSession
from saas.catalogue.queries.offers import is_live
from saas.catalogue.texts import title_of
from saas.home.directory import matches
from saas.identity.models import Member
from saas.kit import formats
from saas.kit.access import DESK, may
from saas.kit.clock import now
from saas.kit.i18n import pick
from saas.kit.names import fold
from saas.kit.shell import nav
from saas.workspaces.queries import people
from tenants.db import db
from tenants.models import Workspace

MOST = 5


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found: what to call it, what else to say of it, where it is, and its picture."""

    label: str
    meta: str
    href: str
    icon: str
    owner: UUID | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """What was found of one kind."""

    title: str
    hits: Sequence[Hit]


def of_firm(search: str) -> list[Group]:
    """Firm scope: what staff find."""
    groups = [_pages(search)]
    if not fold(search):
        return _filled([_pinned(), *groups])
    if may(*DESK):
        groups.append(Group(_("Clients"), _clients(search)))
    if may("owner", "advisor"):
        groups.append(Group(_("People"), _people(search)))
    if may(*DESK):
        groups.append(Group(_("Programmes"), _programmes(search)))
    groups.append(Group(_("Sessions"), _sessions(search)))
    return _filled(groups)


def of_workspace(search: str) -> list[Group]:
    """Workspace scope: what HR finds of their own company."""
    groups = [_pages(search)]
    if fold(search):
        if may("hr", "owner", "advisor"):
            groups.append(Group(_("People"), _own_people(search)))
        groups += [Group(_("Programmes"), _own_programmes(search)), Group(_("Sessions"), _own_sessions(search))]
    return _filled(groups)


def _filled(groups: Sequence[Group]) -> list[Group]:
    return [group for group in groups if group.hits]


def _pages(search: str) -> Group:
    """The pages of the navigation, by their names."""
    words = fold(search).split()
    found = [item for item in nav() if all(word in fold(item.label) for word in words)]
    return Group(_("Go to"), [Hit(item.label, "", item.href, item.icon) for item in found])


def _pinned() -> Group:
    pins = g.viewer.rail.pins if may(*DESK) else ()
    return Group(_("Pinned"), [Hit(p.name, "", url_for("home.workspace", workspace=p.slug), "", p.id) for p in pins])


def _clients(search: str) -> list[Hit]:
    rows = db.session.scalars(
        select(Workspace)
        .where(Workspace.state == "active", *matches(Workspace.searched, search))
        .order_by(~Workspace.name_folded.startswith(fold(search), autoescape=True), Workspace.name_folded)
        .limit(MOST)
    )
    return [Hit(w.name, _joined(w.city, w.trade), url_for("home.workspace", workspace=w.slug), "", w.id) for w in rows]


def _people(search: str) -> list[Hit]:
    address = Member.email_norm.contains(fold(search), autoescape=True)
    rows = db.session.execute(
        select(Member, Workspace.name, Workspace.slug)
        .join(Workspace, (Workspace.firm_id == Member.firm_id) & (Workspace.id == Member.workspace_id))
        .where(Member.left_at.is_(None), Workspace.state == "active", _all(matches(Member.name_folded, search)) | address)
        .order_by(Member.name_folded, Member.id)
        .limit(MOST)
    )
    return [_person(member, slug, client) for member, client, slug in rows]


def _own_people(search: str) -> list[Hit]:
    rows = db.session.scalars(people.people(people.Wanted(search=search)).limit(MOST))
    return [_person(member, g.viewer.workspace.slug, _joined(member.department, member.site)) for member in rows]


def _person(member: Member, slug: str, meta: str) -> Hit:
    return Hit(member.name, meta, url_for("people.person", workspace=slug, member_id=member.id), "user-round", member.id)


def _titled(search: str) -> ColumnElement[bool]:
    """A version whose title, in either language, holds each word."""
    title = func.lower(func.unaccent(func.concat_ws(" ", *(ProgrammeVersion.title[code].astext for code in ("fr", "en")))))
    return _all([title.like(func.concat("%", func.unaccent(_escaped(word)), "%"), escape="/") for word in fold(search).split()])


def _escaped(word: str) -> Any:
    return literal("".join(f"/{c}" if c in "%_/" else c for c in word))


def _all(conditions: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
    return and_(true(), *conditions)


def _programmes(search: str) -> list[Hit]:
    later = aliased(ProgrammeVersion)
    is_newest = ~exists(
        select(later.id).where(
            later.firm_id == ProgrammeVersion.firm_id, later.programme_id == ProgrammeVersion.programme_id,
            later.number > ProgrammeVersion.number,
        )
    )  # fmt: skip
    rows = db.session.scalars(
        select(ProgrammeVersion).where(_titled(search), is_newest).order_by(ProgrammeVersion.id.desc()).limit(MOST)
    )
    return [_programme(v, url_for("programmes.show", version_id=v.id)) for v in rows]


def _own_programmes(search: str) -> list[Hit]:
    rows = db.session.scalars(
        select(Offer)
        .join(Offer.version)
        .where(is_live(), _titled(search))
        .options(joinedload(Offer.version))
        .order_by(Offer.created_at)
        .limit(MOST)
    )
    slug = g.viewer.workspace.slug
    return [_programme(o.version, url_for("offers.page", workspace=slug, offer_id=o.id), o) for o in rows]


def _programme(version: ProgrammeVersion, href: str, offer: Offer | None = None) -> Hit:
    return Hit(title_of(version, offer).text, formats.length_of(version), href, "book-open")


def _found_sessions(statement: Select[Any], search: str) -> Select[Any]:
    """Those whose title or place holds each word: those to come first, the nearest date first."""
    place = matches(func.lower(func.unaccent(func.concat_ws(" ", TrainingSession.venue, TrainingSession.address))), search)
    over, away = TrainingSession.ends_at < now(), func.abs(func.extract("epoch", TrainingSession.starts_at - now()))
    return statement.where(or_(_titled(search), _all(place))).order_by(over, away).limit(MOST)


def _sessions(search: str) -> list[Hit]:
    statement = select(TrainingSession).join(TrainingSession.version).options(joinedload(TrainingSession.version))
    if not may(*DESK):
        own = select(SessionTrainer.session_id).where(SessionTrainer.staff_id == g.viewer.staff_id)
        statement = statement.where(TrainingSession.id.in_(own))
    if g.viewer.clients is not None:
        theirs = select(SessionLink.session_id).where(SessionLink.workspace_id.in_(g.viewer.clients))
        statement = statement.where(TrainingSession.id.in_(theirs))
    return [_session(s, url_for("rosters.show", session_id=s.id)) for s in db.session.scalars(_found_sessions(statement, search))]


def _own_sessions(search: str) -> list[Hit]:
    statement = (
        select(SessionLink)
        .join(SessionLink.session)
        .join(TrainingSession.version)
        .where(TrainingSession.state != "draft")
        .options(joinedload(SessionLink.session).joinedload(TrainingSession.version))
    )
    slug = g.viewer.workspace.slug
    rows = db.session.scalars(_found_sessions(statement, search))
    return [_session(link.session, url_for("links.show", workspace=slug, link_id=link.id)) for link in rows]


def _session(session: TrainingSession, href: str) -> Hit:
    return Hit(str(pick(session.version.title)), _joined(formats.day(session.starts_at), session.venue), href, "calendar-days")


def _joined(*facts: str) -> str:
    return " · ".join(fact for fact in facts if fact)
