"""The standing cast: two firms, alpha and beta, each with two client companies, a and b, and one of everything in each.

Every text of a client company carries its canary, ``zq-<firm>-<company>``: it must never reach a stranger's eyes.
Addresses are ``<role>@<firm>.example`` for staff and ``<role>@<firm>-<company>.example`` for members.
"""

from __future__ import annotations

import base64
import datetime as dt
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select

from saas.billing import commands as billing
from saas.catalogue.commands import absences, offers, programmes, sessions, venues
from saas.catalogue.intake import commands as programme_intake
from saas.catalogue.models import Offer, ProgrammeVersion, SessionLink, TrainingSession
from saas.community.commands import notices as notices_commands
from saas.community.commands import rituals as rituals_commands
from saas.community.commands import spaces as spaces_commands
from saas.community.commands import threads as threads_commands
from saas.community.models import Occurrence, Zone
from saas.enrolments.absences.models import Absence
from saas.enrolments.commands import enrolling as enrolments
from saas.enrolments.commands import placeholders
from saas.enrolments.models import Enrolment, EnrolmentBatch
from saas.enrolments.wishes import commands as wishes
from saas.identity.commands.inviting import member_invitation
from saas.identity.commands.links import prove
from saas.identity.commands.people import add_member, add_staff
from saas.identity.models import Member, StaffCard
from saas.identity.sso.commands import connecting
from saas.identity.sso.models import SsoDomain
from saas.kit.clock import now, today
from saas.kit.mail import MailLog
from saas.privacy.commands import corrections, erasures
from saas.workspaces.commands import clients as workspaces
from saas.workspaces.commands import firm as firm_commands
from saas.workspaces.commands import trainers
from saas.workspaces.commands.parties import add_billing_party
from saas.workspaces.imports import commands as imports
from saas.workspaces.imports import pasted
from saas.workspaces.imports.tables import Table
from saas.workspaces.intake import commands as intake
from saas.workspaces.messages import commands as messages
from saas.workspaces.models import FirmProfile
from tenants.db import db, new_id
from tenants.models import Firm
from tenants.queue import Outbox
from tenants.scope import Scope, inside

# A blue picture of 8 by 4.
PICTURE = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAgAAAAECAYAAACzzX7wAAAAEklEQVR42mNgS235jw8z0F4BALxFPcEGkYFvAAAAAElFTkSuQmCC")
STAFF_ROLES = ("owner", "advisor", "trainer", "accountant")
MEMBER_ROLES = ("hr", "sponsor", "participant")


@dataclass
class Company:
    """One workspace and the ids of what it owns, by address parameter."""

    firm: str
    slug: str
    firm_id: UUID
    id: UUID
    ids: dict[str, UUID] = field(default_factory=dict)

    @property
    def canary(self) -> str:
        return f"zq-{self.slug}"

    @property
    def scope(self) -> Scope:
        return Scope.workspace(self.firm_id, self.id)

    def address(self, role: str) -> str:
        return f"{role}@{self.slug}.example"


@dataclass
class FirmCast:
    slug: str
    id: UUID
    ids: dict[str, UUID] = field(default_factory=dict)
    companies: list[Company] = field(default_factory=list)

    @property
    def scope(self) -> Scope:
        return Scope.firm(self.id)


@dataclass
class World:
    firms: list[FirmCast]

    @property
    def companies(self) -> list[Company]:
        return [company for firm in self.firms for company in firm.companies]


def make() -> World:
    return World([make_firm("alpha"), make_firm("beta")])


def make_firm(slug: str) -> FirmCast:
    with inside(Scope.platform()):
        firm = Firm(id=new_id(), slug=slug, name=slug.title(), stripe_account=f"acct_{slug}")
        db.session.add(firm)
        made = FirmCast(slug, firm.id)
    with inside(made.scope):
        for role in STAFF_ROLES:
            staff = add_staff(f"{slug.title()} {role.title()}", f"{role}@{slug}.example", [role])
            made.ids[role] = staff.id
        db.session.add(profile(made.id))
        db.session.flush()
        firm_commands.brand("#0057b8", (PICTURE, ".png"))
        made.ids["staff_id"], made.ids["document_id"] = made.ids["trainer"], a_paper(made.ids["trainer"])
        version = a_programme(f"{slug}-1")
        made.ids["version_id"] = version.id
        session = a_session(version, trainers=[made.ids["trainer"]])
        made.ids |= a_venue(f"{slug} venue")
        made.ids["absence_id"] = absences.add_absence(
            made.ids["trainer"], today() + dt.timedelta(days=200), today() + dt.timedelta(days=204), "Away"
        ).id
        made.ids["session_id"] = session.id
        made.ids["slot_id"] = session.slots[0].id
    made.companies = [make_company(made, name) for name in ("a", "b")]
    with inside(made.scope):
        made.ids["job_id"] = a_dead_job()
    return made


def a_paper(staff_id: UUID) -> UUID:
    card = db.session.scalars(select(StaffCard).where(StaffCard.id == staff_id)).one()
    paper = trainers.add_paper(card, kind="cv", label="Papers", expires_on=None, content=PICTURE, suffix=".png")
    return paper.id


def profile(firm_id: UUID) -> FirmProfile:
    return FirmProfile(
        id=firm_id, legal_name="Firm SARL", siret="73282932000074", activity_number="84 38 1", activity_region="ARA",
        street="1 rue", postcode="38000", city="Grenoble", email="hello@firm.example", iban="FR7630006000011234567890189", signatory="Somebody",
    )  # fmt: skip


def a_programme(reference: str) -> ProgrammeVersion:
    """A programme that tells everything the public must be told, in a public catalogue that is open."""
    return a_public_programme(reference, {"fr": "Manager engagé", "en": "Committed manager"})


TOLD = {
    name: {"fr": f"{name} dit", "en": f"{name} told"}
    for name in ("summary", "audience", "prerequisites", "methods", "assessment", "accessibility", "access", "results")
}  # fmt: skip


def a_public_programme(reference: str, title: dict[str, str], **more: object) -> ProgrammeVersion:
    programmes.show_catalogue(is_public=True)
    texts = {**TOLD, "objectives": [{"fr": "Formuler un cap.", "en": "State a direction."}],
             "modules": [{"title": {"fr": "Le cap", "en": "The direction"}, "content": {"fr": "Dire\nRedire", "en": "Say\nSay again"}}]}  # fmt: skip
    facts = {"minutes": 840, "days": 4, "modality": "onsite", "min_group": 2, "max_group": 12, "price_seat_cents": 100_000,
             "price_group_cents": 600_000, "languages": ["fr", "en"], "visibility": "public"}  # fmt: skip
    return programmes.publish_programme(reference, title, texts, **{**facts, **more})


def a_session(
    version: ProgrammeVersion, *, capacity: int = 10, starts: dt.timedelta = dt.timedelta(days=30), **more: object
) -> TrainingSession:
    start = (now() + starts).replace(hour=8, minute=0, second=0, microsecond=0)
    halves = [(start, start + dt.timedelta(hours=3)), (start + dt.timedelta(hours=5), start + dt.timedelta(hours=8))]
    return sessions.open_session(
        version, kind="inter", slots=halves, place=sessions.Place("Salle 1", "Grenoble"), capacity=capacity, minimum=min(2, capacity),
        **more,  # type: ignore[arg-type]
    )  # fmt: skip


def a_venue(name: str) -> dict[str, UUID]:
    venue = venues.add_venue(venues.About(name, "1 rue", "Tram", "Lift"))
    return {"venue_id": venue.id, "room_id": venues.add_room(venue, "Room", 12).id}


def a_dead_job() -> UUID:
    row = Outbox(
        id=new_id(), kind="enrolments.lapse_offers", scope="firm", payload={}, dead_at=now(), attempts=8, error="Refused: no"
    )
    db.session.add(row)
    db.session.flush()
    return row.id


def make_company(firm: FirmCast, name: str) -> Company:
    slug = f"{firm.slug}-{name}"
    with inside(firm.scope):
        workspace = workspaces.create_workspace(slug, language="en", colour="#0057b8", city=f"zq-{slug}")
        company = Company(firm.slug, slug, firm.id, workspace.id)
        company.ids["client_id"] = workspace.id
        party = add_billing_party(workspace.id, name=f"{company.canary} SAS", siret="", is_default=True)
        company.ids["party_id"] = party.id
        company.ids["intake_id"] = a_list_of_clients(company.canary)
        version = db.session.scalars(select(ProgrammeVersion).where(ProgrammeVersion.id == firm.ids["version_id"])).one()
        company.ids["offer_id"] = offers.offer(version, workspace.id, 100_000, "seat").id
        company.ids["catalogue_id"] = a_list_of_programmes(company.canary)
        session = db.session.scalars(select(TrainingSession).where(TrainingSession.id == firm.ids["session_id"])).one()
        company.ids["link_id"] = sessions.link(session, workspace.id, 100_000).id
    with inside(company.scope):
        fill_workspace(company)
    open_community(company)
    with inside(firm.scope):
        bill(firm, company)
    return company


def a_list_of_clients(canary: str) -> UUID:
    """A file of companies that waits to be confirmed."""
    return intake.stage(Table(["Company", "City"], [(2, [f"{canary} new", canary])]), f"{canary}.csv", "Owner").id


def a_list_of_programmes(canary: str) -> UUID:
    """A file of programmes that waits to be confirmed."""
    table = Table(["Référence", "Intitulé", "Durée"], [(2, [f"REF-{canary}", canary, "14 h"])])
    return programme_intake.stage(table, f"{canary}.csv", "Owner").id


def fill_workspace(company: Company) -> None:
    for role in MEMBER_ROLES:
        add_person(company, role)
    second = add_person(company, "second")
    link = db.session.scalars(select(SessionLink).where(SessionLink.id == company.ids["link_id"])).one()
    seated = enrolments.enrol(link, [second]).seated
    company.ids["enrolment_id"] = seated[0].id
    company.ids["placeholder_id"] = placeholders.hold(link, 1, company.canary)[0].id
    company.ids["wish_id"] = a_wish(company, second)
    company.ids["batch_id"] = an_undoable_act(company)
    company.ids["letter_id"] = a_mail(company, second, seated[0].id)
    company.ids["member_id"] = second.id
    company.ids["change_id"] = new_id()
    company.ids["sign_in_id"] = new_id()
    requests_of_their_own(company, second)
    draft = imports.stage(pasted.read(f"{company.canary} Person <x@{company.slug}.example>"), company.canary, "en", "HR")
    company.ids["import_id"] = draft.id
    invitation = member_invitation(second, "HR")
    company.ids["invitation"] = invitation.id
    company.ids["hr_id"] = second.id
    company.ids["connection_id"] = connecting.begin(f"{company.canary} directory", "keycloak").id
    domain = SsoDomain(id=new_id(), workspace_id=company.id, domain=f"{company.canary}.example", token="none")
    db.session.add(domain)
    company.ids["domain_id"] = domain.id


def a_wish(company: Company, person: Member) -> UUID:
    """A message to the firm too."""
    messages.write(company.id, f"{company.canary} writes", company.ids["member-hr"])
    return wishes.wish(db.session.scalars(select(Offer)).one(), person, f"{company.canary} wishes").id


def requests_of_their_own(company: Company, person: Member) -> None:
    """A correction and an erasure that wait for an answer."""
    corrections.ask(person, f"{company.canary} corrects")
    erasures.ask(person, with_posts=False)


def an_undoable_act(company: Company) -> UUID:
    """People enrolled together a moment ago."""
    batch = EnrolmentBatch(
        id=new_id(), workspace_id=company.id, link_id=company.ids["link_id"], by="HR", undo_until=now() + dt.timedelta(hours=1)
    )
    db.session.add(batch)
    db.session.flush()
    return batch.id


def a_mail(company: Company, member: Member, enrolment_id: UUID) -> UUID:
    """A line of the mail log: a mail that was sent long ago; and an absence announced."""
    row = MailLog(
        id=new_id(), to=member.email or "", subject=f"{company.canary} subject", template="enrolments/mails/seated",
        about_id=enrolment_id, member_id=member.id, sent_at=now() - dt.timedelta(days=2), message_id=f"<{new_id()}@localhost>",
    )  # fmt: skip
    start = db.session.scalars(select(Enrolment).where(Enrolment.id == enrolment_id)).one().link.session.starts_at
    db.session.add_all([row, Absence(enrolment_id=enrolment_id, starts_at=start, kind="late", reason=company.canary)])
    db.session.flush()
    return row.id


def add_person(company: Company, role: str) -> Member:
    roles = [role] if role in MEMBER_ROLES else ["participant"]
    member = add_member(
        role.title(), company.canary, company.address(role), roles=roles, language="en", department=company.canary
    )
    company.ids[f"member-{role}"] = member.id
    return member


def account_of(address: str) -> UUID:
    with inside(Scope.platform()):
        account = prove(address)
        assert account is not None
        return account


def open_community(company: Company) -> None:
    """The second participant pilots, and writes; the sponsor joins, and tells them something."""
    pilot, sponsor = account_of(company.address("second")), account_of(company.address("sponsor"))
    with inside(company.scope):
        assert spaces_commands.open_space(f"{company.canary} purpose", f"{company.canary} zone", pilot, "Second", "company")
    with inside(Scope.community(company.firm_id, company.id, pilot)):
        zone = db.session.scalars(select(Zone)).one()
        thread = threads_commands.start_thread(zone.id, "question", f"{company.canary} title", f"{company.canary} body")
        post = threads_commands.reply(thread, f"{company.canary} reply")
        start = now() + dt.timedelta(days=3)
        ritual = rituals_commands.plan_ritual(
            zone.id, "codev", f"{company.canary} ritual", "", [(start, start + dt.timedelta(hours=1))], company.canary
        )
        occurrence = db.session.scalars(select(Occurrence).where(Occurrence.ritual_id == ritual.id)).one()
        company.ids |= {
            "zone_id": zone.id,
            "account_id": pilot,
            "thread_id": thread.id,
            "post_id": post.id,
            "occurrence_id": occurrence.id,
        }
    with inside(Scope.community(company.firm_id, company.id, sponsor)):
        spaces_commands.join()
        assert notices_commands.tell(company.ids["zone_id"], [pilot], "reply", "thread", company.ids["thread_id"]) == 1


def bill(firm: FirmCast, company: Company) -> None:
    session = db.session.scalars(select(TrainingSession).where(TrainingSession.id == firm.ids["session_id"])).one()
    invoice = billing.prepare(session, company.id)
    billing.issue(invoice)
    company.ids["invoice_id"] = invoice.id
