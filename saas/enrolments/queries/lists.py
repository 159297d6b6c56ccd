"""All enrolments of a client in one list, narrowed and sorted; and a workbook of them."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import openpyxl
from flask_babel import gettext as _
from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import joinedload

from saas.catalogue.models import ProgrammeVersion, SessionLink, TrainingSession
from saas.enrolments.models import LIVE, STATES, Enrolment
from saas.identity.models import Member
from saas.kit.clock import PARIS, now
from saas.kit.i18n import pick
from saas.kit.names import fold
from saas.kit.narrowing import Narrowing
from saas.kit.tables import safe_cell, saved
from saas.workspaces.queries.people import within
from tenants.db import db

MOST_WORDS = 6


@dataclass(frozen=True, slots=True)
class Sought(Narrowing):
    """What a list of enrolments is narrowed to. `when` is "" (to come), past or all; `state` one of STATES or ""."""

    search: str = ""
    state: str = ""
    link: str = ""
    department: str = ""
    site: str = ""
    when: str = ""
    sort: str = ""

    @property
    def filters(self) -> dict[str, str]:
        """What narrows the list, but for the state and the time, which their own links show."""
        return {name: value for name, value in self.args().items() if name not in ("sort", "state", "when")}

    @property
    def link_id(self) -> UUID | None:
        try:
            return UUID(self.link) if self.link else None
        except ValueError:
            return None


def enrolments(sought: Sought) -> Select[Enrolment]:
    """Workspace scope: the enrolments that fit, for those of the people that whoever looks answers for; to be paged."""
    statement: Select[Enrolment] = _narrowed(select(Enrolment), sought).options(
        joinedload(Enrolment.member),
        joinedload(Enrolment.link).joinedload(SessionLink.session).joinedload(TrainingSession.version),
    )
    if sought.state in STATES:
        statement = statement.where(Enrolment.state == sought.state)
    elif sought.when != "all":
        statement = statement.where(Enrolment.state.in_((*LIVE, "attended", "absent")))
    first: list[Any] = [Member.name_folded] if sought.sort.endswith("name") else [TrainingSession.starts_at, Member.name_folded]
    if sought.sort.startswith("-") or (sought.when == "past" and not sought.sort):
        first[0] = first[0].desc()
    return statement.order_by(*first, Enrolment.id)


def _narrowed(statement: Any, sought: Sought) -> Any:
    statement = statement.join(Enrolment.member).join(Enrolment.link).join(SessionLink.session)
    for word in fold(sought.search).split()[:MOST_WORDS]:
        hit = Member.name_folded.contains(word, autoescape=True) | Member.email_norm.contains(word, autoescape=True)
        statement = statement.where(hit)
    if sought.link_id:
        statement = statement.where(Enrolment.link_id == sought.link_id)
    if sought.department:
        statement = statement.where(Member.department == sought.department)
    if sought.site:
        statement = statement.where(Member.site == sought.site)
    if sought.when == "past":
        statement = statement.where(TrainingSession.ends_at < now())
    elif sought.when != "all":
        statement = statement.where(TrainingSession.ends_at >= now())
    return within(statement)


def counts(sought: Sought) -> Mapping[str, int]:
    """How many enrolments fit in each state, in one statement."""
    statement = _narrowed(select(Enrolment.state, func.count()), sought).group_by(Enrolment.state)
    return {row[0]: row[1] for row in db.session.execute(statement)}


def chosen(ids: Sequence[UUID] | None, sought: Sought) -> Select[Enrolment]:
    """The enrolments ticked, or all that fit when `ids` is None; only of people that whoever looks answers for."""
    if ids is None:
        return enrolments(sought)
    return enrolments(Sought(when="all")).where(Enrolment.id.in_(ids))


def sessions_to_choose() -> Sequence[SessionLink]:
    """Workspace scope: the sessions that the list can be narrowed to, those with people of the client's, the newest first."""
    used = select(Enrolment.id).where(
        and_(Enrolment.workspace_id == SessionLink.workspace_id, Enrolment.link_id == SessionLink.id)
    )
    rows = db.session.scalars(
        select(SessionLink)
        .join(SessionLink.session)
        .where(used.exists())
        .options(joinedload(SessionLink.session).joinedload(TrainingSession.version))
        .order_by(TrainingSession.starts_at.desc())
        .limit(100)
    )
    return rows.all()


def workbook(statement: Select[Enrolment], state_words: Mapping[str, str]) -> io.BytesIO:
    """Enrolments as an .xlsx: who, where, what, when, the state in the reader's words, the price excl. VAT."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(_("Enrolments"))
    heads = [_("Employee number"), _("Last name"), _("First name"), _("E-mail"), _("Department"), _("Site"), _("Programme")]
    sheet.append([*heads, _("Starts on"), _("State"), _("Price excl. VAT"), _("Fee excl. VAT")])
    rows = statement.order_by(None).with_only_columns(
        Member.employee_number, Member.last_name, Member.first_name, Member.email, Member.department, Member.site,
        ProgrammeVersion.title, TrainingSession.starts_at, Enrolment.state, Enrolment.price_cents, Enrolment.fee_cents,
        maintain_column_froms=True,
    ).join(TrainingSession.version)  # fmt: skip
    ordered = rows.order_by(TrainingSession.starts_at, Member.name_folded, Enrolment.id)
    for *who, title, starts_at, state, price, fee in db.session.execute(ordered):
        said = [safe_cell(value or "") for value in who]
        day = starts_at.astimezone(PARIS).date()
        sheet.append([*said, safe_cell(pick(title)), day, state_words.get(state, state), price / 100, fee / 100])
    return saved(book)
