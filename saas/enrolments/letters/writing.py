"""Writes and sends one mail about a seat: to its person, to a client's HR, to a trainer. Called by jobs alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select

from saas.catalogue.models import TrainingSession
from saas.enrolments.letters import entries, facts, words
from saas.enrolments.letters.facts import Fact
from saas.enrolments.letters.kinds import KINDS, named
from saas.enrolments.letters.models import Told
from saas.enrolments.models import Enrolment
from saas.identity.commands.inviting import invitation_token, member_invitation
from saas.identity.models import Member, Staff
from saas.kit import mail
from saas.kit.clock import now
from saas.kit.i18n import pick, reader_in
from tenants.db import db
from tenants.models import Firm, Workspace
from tenants.resolver import link

TEMPLATE = "enrolments/mails/letter"


@dataclass(frozen=True, slots=True)
class Reader:
    """Who a mail is for. `member_id` is empty for the firm's staff."""

    name: str
    first_name: str
    email: str
    language: str
    member_id: UUID | None = None

    @classmethod
    def member(cls, row: Member) -> Reader:
        return cls(row.name, row.first_name, row.email or "", row.language, row.id)

    @classmethod
    def staff(cls, row: Staff) -> Reader:
        return cls(row.card.name, row.card.name.split(" ")[0], row.email, row.language)


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says, in its reader's language: its words filled in, its facts, its links, its calendar files."""

    heading: str
    greeting: str
    opening: list[list[str]]
    closing: list[list[str]]
    facts: Sequence[Fact]
    url: str
    button: str
    links: Sequence[tuple[str, str]] = ()
    calendar: Sequence[bytes] = field(default=(), repr=False)


def places(workspace_id: UUID) -> tuple[Firm, Workspace]:
    firm = db.session.scalars(select(Firm)).one()
    return firm, db.session.scalars(select(Workspace).where(Workspace.id == workspace_id)).one()


def compose(
    code: str, said: words.Words, reader: Reader, session: TrainingSession, *, firm: str, client: str, person: str = "",
    shown: Sequence[Fact] = (), url: str = "", links: Sequence[tuple[str, str]] = (), calendar: Sequence[bytes] = (),
) -> Letter:  # fmt: skip
    """Put words and facts together, in the language in force."""
    values = {
        "first_name": reader.first_name, "title": str(pick(session.version.title)), "dates": facts.dates_line(session),
        "place": facts.where(session) or _("by video"), "firm": firm, "client": client, "person": person,
    }  # fmt: skip
    return Letter(
        heading=words.fill(said.subject, values), greeting=_("Hello %(name)s,", name=reader.first_name),
        opening=words.paragraphs(words.fill(said.opening, values)), closing=words.paragraphs(words.fill(said.closing, values)),
        facts=shown, url=url, button=str(KINDS[code].button), links=links, calendar=calendar,
    )  # fmt: skip


def post(code: str, letter: Letter, reader: Reader, firm: Firm, *, workspace_id: UUID | None, about_id: UUID) -> None:
    """Send it, and log whom, when and about what."""
    record = mail.Record(named(code), about_id, reader.member_id, workspace_id)
    mail.send(
        (reader.name, reader.email), reader.language, TEMPLATE, sender=firm.name, calendar=letter.calendar, record=record,
        heading=letter.heading, greeting=letter.greeting, opening=letter.opening, closing=letter.closing, facts=letter.facts,
        url=letter.url, button=letter.button, links=letter.links,
    )  # fmt: skip


def door(member: Member, page: str, firm: Firm) -> str:
    """A page of the product; for somebody who has not joined yet, through an invitation, so that one click is enough."""
    if member.account_id is not None:
        return page
    token = invitation_token(member_invitation(member, firm.name))
    return link(None, "identity.invitation", token=token, next=urlsplit(page).path)


def seat_page(row: Enrolment, firm: Firm, workspace: Workspace, endpoint: str = "seats.show") -> str:
    return link(firm.slug, endpoint, workspace=workspace.slug, enrolment_id=row.id)


def to_person(code: str, row: Enrolment, told: Told, *, extra: Sequence[Fact] = (), calendar: Sequence[bytes] = ()) -> None:
    """Tell a person about their seat, and remember on `told` what they know now. `calendar` goes before the seat's own."""
    firm, workspace = places(row.workspace_id)
    reader, session, kind = Reader.member(row.member), row.link.session, KINDS[code]
    said = words.of_client(code, reader.language, row.workspace_id)
    url = door(row.member, seat_page(row, firm, workspace), firm)
    with reader_in(reader.language):
        files = entries.files(row, told, kind.calendar, str(pick(session.version.title)), url, firm)
        seated = row.state == "seated"
        shown = [*extra, *facts.of_ending(row, code), *facts.when_and_where(session, code, video=seated)]
        if code == "convocation":
            shown += facts.of_convocation(session)
        letter = compose(
            code, said, reader, session, firm=firm.name, client=workspace.name, person=row.member.name, shown=shown, url=url,
            links=_links(row, firm, workspace) if code == "convocation" else (), calendar=[*calendar, *files],
        )  # fmt: skip
    post(code, letter, reader, firm, workspace_id=row.workspace_id, about_id=row.id)
    told.kind, told.at, told.facts = code, now(), facts.as_told(session)
    if code == "convocation":
        told.convoked_at = now()


def _links(row: Enrolment, firm: Firm, workspace: Workspace) -> list[tuple[str, str]]:
    """Where the convocation leads beside the seat's page."""
    programme = link(firm.slug, "offers.show", workspace=workspace.slug, version_id=row.link.session.version_id)
    pages = (
        (_("The programme"), programme),
        (_("The rules of our trainings"), seat_page(row, firm, workspace, "rules.show")),
        (_("Tell us what you need: diet, access"), seat_page(row, firm, workspace, "needs.edit")),
        (_("Announce that you will be late or absent"), seat_page(row, firm, workspace, "absences.edit")),
    )
    return [(label, door(row.member, page, firm)) for label, page in pages]


def to_hr(code: str, row: Enrolment, hr: Member, shown: Sequence[Fact]) -> None:
    """Tell an HR about one of their people's seats."""
    firm, workspace = places(row.workspace_id)
    reader, session = Reader.member(hr), row.link.session
    said = words.of_client(code, reader.language, row.workspace_id)
    with reader_in(reader.language):
        dates = facts.when_and_where(session, "given_back", video=False)
        letter = compose(
            code, said, reader, session, firm=firm.name, client=workspace.name, person=row.member.name,
            shown=[*shown, *facts.of_ending(row, code), *dates], url=door(hr, seat_page(row, firm, workspace), firm),
        )  # fmt: skip
    post(code, letter, reader, firm, workspace_id=row.workspace_id, about_id=row.id)


def of_enrolled(rows: Sequence[Enrolment], hr: Member) -> None:
    """Tell an HR who was enrolled in one session: one mail for all of them."""
    firm, workspace = places(hr.workspace_id)
    reader, session, first = Reader.member(hr), rows[0].link.session, rows[0]
    said = words.of_client("enrolled", reader.language, hr.workspace_id)
    page = link(firm.slug, "links.show", workspace=workspace.slug, link_id=first.link_id)
    with reader_in(reader.language):
        names = {
            state: [r.member.name for r in rows if (r.state == "waiting") is (state == "waiting")] for state in ("", "waiting")
        }
        shown = [Fact(_("With a seat"), names[""])] if names[""] else []
        shown += [Fact(_("On the waiting list"), names["waiting"])] if names["waiting"] else []
        shown += facts.when_and_where(session, "enrolled", video=False)
        letter = compose(
            "enrolled", said, reader, session, firm=firm.name, client=workspace.name, shown=shown, url=door(hr, page, firm)
        )
    post("enrolled", letter, reader, firm, workspace_id=hr.workspace_id, about_id=first.link_id)


def to_trainer(code: str, session: TrainingSession, trainer: Staff, row: Enrolment | None, shown: Sequence[Fact]) -> None:
    """Firm scope: tell a trainer about their session, or about somebody in it."""
    firm = db.session.scalars(select(Firm)).one()
    client = places(row.workspace_id)[1].name if row else ""
    reader = Reader.staff(trainer)
    said = words.of_firm(code, reader.language)
    with reader_in(reader.language):
        letter = compose(
            code, said, reader, session, firm=firm.name, client=client, person=row.member.name if row else "",
            shown=[*shown, *facts.when_and_where(session, "trainer_cancelled", video=False)],
            url=link(firm.slug, "rosters.show", session_id=session.id),
        )  # fmt: skip
    post(code, letter, reader, firm, workspace_id=None, about_id=session.id)
