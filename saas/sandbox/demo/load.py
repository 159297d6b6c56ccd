"""Loads the demo firm, relative to today and the same each time, into a database that has no firm."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import insert, select, update

from saas.billing import commands as billing
from saas.catalogue.commands import offers, programmes, sessions
from saas.catalogue.models import ProgrammeVersion, Room, SessionLink, SessionSeats, TrainingSession
from saas.community.commands import spaces as spaces_commands
from saas.community.models import Occurrence, Post, Ritual, Rsvp, Thread, Zone
from saas.delivery.commands import FIRST, chained
from saas.delivery.models import AttendanceMark, CounterSignature
from saas.enrolments.models import Enrolment, EnrolmentEvent
from saas.identity.commands.links import prove
from saas.identity.commands.people import add_member, add_staff
from saas.identity.models import Member
from saas.kit.clock import PARIS, now, today
from saas.kit.journal import Journal
from saas.kit.names import slugify
from saas.sandbox.demo import acts, catalogue, directory, letters, messages, places, requests, seats
from saas.sandbox.demo.clients import CLIENTS, FIRM_SIRET, STAFF, ClientText
from saas.sandbox.demo.mark import mark_as_demo
from saas.sandbox.demo.people import people
from saas.sandbox.demo.plans import PLANS, Plan, slots, working
from saas.sandbox.demo.programmes import ACCESS, ENROLMENT, PROGRAMMES, ProgrammeText
from saas.sandbox.demo.talk import ENGLISH, FRENCH, SPACES, TAKEAWAYS, Talk
from saas.workspaces.commands import clients as workspaces
from saas.workspaces.commands.parties import add_billing_party
from saas.workspaces.models import USUAL_CANCELLATION, FirmProfile
from tenants.db import db, new_id
from tenants.models import Firm
from tenants.scope import Scope, inside

SLUG = "equoranda"
JOINED = {"lively": 0.7, "steady": 0.5, "fading": 0.5, "quiet": 0.3, "starting": 0.0}


class Loader:
    """One loading; the draw is seeded, so each gives the same firm."""

    def __init__(self) -> None:
        self.draw = random.Random("cordee")
        self.firm_id = new_id()
        self.firm = Scope.firm(self.firm_id)
        self.staff: list[UUID] = []
        self.versions: list[ProgrammeVersion] = []
        self.spaces: list[UUID] = []
        self.members: list[list[UUID]] = []
        self.rooms: dict[str, Room] = {}
        self.marks: dict[UUID, list[AttendanceMark]] = {}

    def load(self) -> None:
        with inside(Scope.platform()):
            db.session.add(Firm(id=self.firm_id, slug=SLUG, name="Equoranda", stripe_account="acct_equoranda"))
        with inside(self.firm):
            self.open_firm()
        for client in CLIENTS:
            self.open_client(client)
        with inside(self.firm):
            self.rooms = places.furnish()
            for plan in PLANS:
                self.give(plan)
            places.plan_ahead(self.versions, self.staff, self.spaces, self.rooms)
        for workspace_id, marks in self.marks.items():
            with inside(Scope.workspace(self.firm_id, workspace_id)):  # a firm never signs for a client's people
                db.session.add_all(marks)
        with inside(self.firm):
            self.invoice()
            catalogue.live(self.spaces)
            seats.live(self.spaces)
            messages.live(self.spaces, self.staff)
            letters.say(self.firm_id)
            letters.say_to_client(self.spaces[0])
            letters.send(random.Random("letters"))
        for number, client in enumerate(CLIENTS):
            self.live(number, client)
        letters.live(Scope.workspace(self.firm_id, self.spaces[0]))
        seats.wish(self.firm_id, self.spaces)
        directory.connect(self.firm_id, self.spaces[1])
        requests.live(self.firm_id, self.spaces[0])
        mark_as_demo(self.firm_id)
        with inside(self.firm):
            db.session.execute(insert(Journal), acts.lines(self.spaces, self.draw))

    def open_firm(self) -> None:
        for name, email, roles, french, english in STAFF:
            self.staff.append(add_staff(name, email, roles, bio={"fr": french, "en": english}).id)
        profile = FirmProfile(
            id=self.firm_id, legal_name="Equoranda", legal_form="SARL", capital_cents=2_000_000, siret=FIRM_SIRET, vat_number="",
            activity_number="84 38 09876 38", activity_region="Auvergne-Rhône-Alpes", iban=IBAN, street="12 rue Lesdiguières",
            postcode="38000", city="Grenoble", email="bonjour@equoranda.example", signatory="Camille Lenoir",
            signatory_title="Gérante", phone="04 76 00 00 00", website="https://www.equoranda.example",
            vat_attested_on=dt.date(2019, 3, 12),
        )  # fmt: skip
        db.session.add(profile)
        self.versions = [publish(programme) for programme in PROGRAMMES]
        db.session.expunge_all()

    def open_client(self, client: ClientText) -> None:
        with inside(self.firm):
            space = workspaces.create_workspace(
                client.name,
                language=client.language,
                colour=client.colour,
                city=client.city,
                trade=client.trade,
                siren=client.siret[:9],
            )
            add_billing_party(
                space.id, name=f"{client.name} SAS", siret=client.siret, is_default=True, street=client.street,
                postcode=client.postcode, city=client.city,
            )  # fmt: skip
            offered = 3 if client.mood == "starting" else 7
            for version in self.versions[:offered]:
                offers.offer(version, space.id, version.price_seat_cents, "seat")
            self.spaces.append(space.id)
        with inside(Scope.workspace(self.firm_id, self.spaces[-1])):
            self.members.append(self.hire(client))

    def hire(self, client: ClientText) -> list[UUID]:
        """HR and sponsor first, then everybody else."""
        for (first, last), role in ((client.hr, "hr"), (client.sponsor, "sponsor")):
            address = f"{slugify(first.split()[-1])}.{slugify(last)}@{client.slug}.example"
            add_member(first, last, address, roles=[role], language=client.language)
        rows = []
        for person in people(client.slug, client.people - 2, client.departments, client.sites, client.english):
            rows.append(
                {
                    "id": new_id(),
                    "first_name": person.first,
                    "last_name": person.last,
                    "email": person.email,
                    "name_folded": Member.folded(person.first, person.last),
                    "email_norm": person.email,
                    "employee_number": person.number,
                    "department": person.department,
                    "site": person.site,
                    "job_title": person.job,
                    "language": person.language,
                    "roles": ["participant"],
                }  # fmt: skip
            )
        db.session.execute(insert(Member), rows)
        return [row["id"] for row in rows]  # type: ignore[misc]

    def give(self, plan: Plan) -> None:
        """A session with its links and enrolments; what is past is signed and closed."""
        version = self.versions[plan.programme]
        start = working(today() + dt.timedelta(days=plan.days))
        halves = slots(start, version.days)
        place = sessions.Place(video_url=f"https://visio.equoranda.example/{version.id.hex[-8:]}")
        if version.modality != "remote":
            place = places.in_room(self.rooms["salle Belledonne"])
        session = sessions.open_session(
            version, kind="inter" if len(plan.clients) > 1 else "intra", slots=halves, place=place, capacity=plan.capacity,
            minimum=plan.minimum, trainers=[self.staff[plan.trainer]], decision_on=start - dt.timedelta(days=7), state=plan.state,
        )  # fmt: skip
        enrolled: list[Enrolment] = []
        for client, number in zip(plan.clients, plan.enrolled, strict=True):
            link = sessions.link(session, self.spaces[client], version.price_seat_cents)
            more = (plan.waiting, plan.requested) if client == plan.clients[0] else (0, 0)
            enrolled += self.enrol(session, link, client, number, *more)
        held = sum(1 for row in enrolled if row.state in ("seated", "attended", "absent"))
        db.session.execute(update(SessionSeats).where(SessionSeats.id == session.id).values(taken=held))
        if plan.days < 0 or plan.days == 0:
            self.sign(session, [row for row in enrolled if row.state in ("seated", "attended")], plan)

    def enrol(
        self, session: TrainingSession, link: SessionLink, client: int, seated: int, waiting: int, requested: int
    ) -> list[Enrolment]:
        chosen = self.draw.sample(self.members[client], seated + waiting + requested)
        asked = min(session.starts_at - dt.timedelta(days=35), now() - dt.timedelta(days=4))
        rows = []
        for n, member_id in enumerate(chosen):
            state = "seated" if n < seated else "waiting" if n < seated + waiting else "requested"
            if state == "seated" and session.state == "done":
                state = "absent" if self.draw.random() < 0.06 else "attended"
            rows.append(
                Enrolment(
                    id=new_id(),
                    workspace_id=link.workspace_id,
                    link_id=link.id,
                    member_id=member_id,
                    state=state,
                    price_cents=link.price_cents,
                    vat=session.version.vat,
                    terms=[list(step) for step in USUAL_CANCELLATION],
                    requested_at=asked,
                    seated_at=asked if state not in ("waiting", "requested") else None,
                    queued_at=asked + dt.timedelta(minutes=n) if state == "waiting" else None,
                )  # fmt: skip
            )
        db.session.add_all(rows)
        db.session.flush()
        db.session.add_all(
            EnrolmentEvent(
                workspace_id=row.workspace_id,
                enrolment_id=row.id,
                at=asked,
                actor=" ".join(CLIENTS[client].hr),
                step="requested" if row.state == "requested" else "waiting" if row.state == "waiting" else "seated",
            )  # fmt: skip
            for row in rows
        )
        return rows

    def sign(self, session: TrainingSession, rows: Sequence[Enrolment], plan: Plan) -> None:
        """Signatures of the half-days that are over, chained per client; the trainer's for closed sessions."""
        for slot in [slot for slot in session.slots if slot.ends_at < now()]:
            last: dict[UUID, str] = {}
            for row in rows:
                mark = AttendanceMark(
                    id=new_id(), workspace_id=row.workspace_id, enrolment_id=row.id, link_id=row.link_id, slot_id=slot.id,
                    signed_name=row.member.name, signed_at=slot.starts_at + dt.timedelta(minutes=5),
                    previous_hash=last.get(row.workspace_id, FIRST), drawing="",
                )  # fmt: skip
                mark.hash = last[row.workspace_id] = chained(mark)
                self.marks.setdefault(row.workspace_id, []).append(mark)
            if plan.state == "done":
                trainer = STAFF[plan.trainer][0]
                db.session.add(
                    CounterSignature(
                        slot_id=slot.id,
                        session_id=session.id,
                        staff_id=self.staff[plan.trainer],
                        signed_name=trainer,
                        signed_at=slot.ends_at,
                        marks=len(rows),
                        digest="",
                    )  # fmt: skip
                )
        db.session.flush()

    def invoice(self) -> None:
        """Invoices of what was delivered: paid, partly paid, late, credited, to pay, a draft, and some still to prepare."""
        done = db.session.scalars(
            select(TrainingSession).where(TrainingSession.state == "done").order_by(TrainingSession.ends_at)
        ).all()
        pairs = [(session, link.workspace_id) for session in done for link in sorted(session.links, key=lambda x: x.id)]
        for number, (session, workspace_id) in enumerate(pairs[:9]):
            invoice = billing.prepare(session, workspace_id)
            if number == 8:
                continue
            billing.issue(invoice, session.ends_at.astimezone(PARIS).date() + dt.timedelta(days=3))
            if number in (0, 1, 3):
                billing.pay(invoice, invoice.due_cents, "transfer", "demo", now() - dt.timedelta(days=12))
            elif number == 4:
                billing.pay(invoice, invoice.due_cents // 2, "transfer", "demo", now() - dt.timedelta(days=5))
            elif number == 5:
                billing.credit(invoice)

    def live(self, number: int, client: ClientText) -> None:
        """A community: joined, spoken in, met."""
        if client.slug not in SPACES:
            return
        scope = Scope.workspace(self.firm_id, self.spaces[number])
        with inside(scope):
            members = db.session.scalars(select(Member).where(Member.email_norm.is_not(None)).order_by(Member.id)).all()
            addresses = [(m.email_norm or "", m.roles) for m in members]
        joined = [a for a, roles in addresses if "hr" not in roles]
        joined = joined[: max(int(len(joined) * JOINED[client.mood]), 6)]
        with inside(Scope.platform()):
            accounts = [account for address in joined if (account := prove(address))]
        pilot = accounts[1]
        with inside(scope):
            name = next(m.name for m in db.session.scalars(select(Member)) if m.account_id == pilot)
            spaces_commands.open_space(SPACES[client.slug], "Managers", pilot, name, "company")
        for account in accounts:
            with inside(Scope.community(self.firm_id, scope.workspace_id, account)):  # type: ignore[arg-type]
                spaces_commands.join()
        self.speak(scope, client, pilot, accounts)

    def speak(self, scope: Scope, client: ClientText, pilot: UUID, accounts: list[UUID]) -> None:
        """Threads and rituals, each row written by its author."""
        written: dict[UUID, list[object]] = {account: [] for account in accounts}
        with inside(Scope.community(self.firm_id, scope.workspace_id, pilot)):  # type: ignore[arg-type]
            zone_id = db.session.scalars(select(Zone.id)).one()
        for talk in conversations(client):
            self.thread(zone_id, talk, pilot, accounts, written, old=client.mood == "fading")
        self.rituals(zone_id, client, pilot, accounts, written)
        for kinds in ((Thread, Ritual), (Post, Occurrence), (Rsvp,)):
            for account, rows in written.items():
                mine = [row for row in rows if isinstance(row, kinds)]
                if mine:
                    with inside(Scope.community(self.firm_id, scope.workspace_id, account)):  # type: ignore[arg-type]
                        db.session.add_all(mine)

    def thread(
        self, zone_id: UUID, talk: Talk, pilot: UUID, accounts: list[UUID], written: dict[UUID, list[object]], *, old: bool
    ) -> None:
        said = now() - dt.timedelta(days=talk.days + (30 if old else 0), hours=self.draw.randrange(9))
        author = pilot if talk.kind == "announcement" else self.draw.choice(accounts)
        times = [min(said + dt.timedelta(hours=5 * (n + 1)), now() - dt.timedelta(minutes=20)) for n in range(len(talk.replies))]
        thread = Thread(
            id=new_id(), zone_id=zone_id, author_id=author, kind=talk.kind, title=talk.title, body=talk.body, created_at=said,
            last_at=times[-1] if times else said, replies=len(talk.replies), helped=sum(r.helped for r in talk.replies),
        )  # fmt: skip
        written[author].append(thread)
        others = [account for account in accounts if account != author]
        for reply, at in zip(talk.replies, times, strict=True):
            who = self.draw.choice(others)
            written[who].append(
                Post(
                    id=new_id(),
                    zone_id=zone_id,
                    thread_id=thread.id,
                    author_id=who,
                    body=reply.text,
                    created_at=at,
                    helped_at=at if reply.helped else None,
                )  # fmt: skip
            )

    def rituals(
        self, zone_id: UUID, client: ClientText, pilot: UUID, accounts: list[UUID], written: dict[UUID, list[object]]
    ) -> None:
        english = client.language == "en"
        kinds = (
            ("codev", "Flash co-development" if english else "Codéveloppement flash", 8, 30),
            ("market", "Practice market" if english else "Marché des pratiques", 12, 30),
        )
        for offset, (kind, title, hour, minute) in enumerate(kinds):
            ritual = Ritual(id=new_id(), zone_id=zone_id, author_id=pilot, kind=kind, title=title)
            written[pilot].append(ritual)
            weeks = range(-11, -4, 2) if client.mood == "fading" else range(-9, 6, 2)
            for n, week in enumerate(weeks):
                day = working(today() + dt.timedelta(days=7 * week + 3 + 2 * offset))
                start = dt.datetime.combine(day, dt.time(hour, minute), PARIS)
                held = start < now()
                occurrence = Occurrence(
                    id=new_id(), zone_id=zone_id, ritual_id=ritual.id, author_id=pilot, starts_at=start,
                    ends_at=start + dt.timedelta(minutes=45), place="visio" if offset == 0 else "",
                    seats=8 if offset == 0 else None,
                    takeaways=TAKEAWAYS[n % 2] if held and not english else "",
                )  # fmt: skip
                written[pilot].append(occurrence)
                for account in self.draw.sample(accounts, min(len(accounts) // 3 + 2, 12)):
                    answer = self.draw.choice(("yes", "yes", "yes", "maybe", "no"))
                    written[account].append(
                        Rsvp(id=new_id(), zone_id=zone_id, occurrence_id=occurrence.id, author_id=account, answer=answer)
                    )


IBAN = "FR3330099000410000012345678"


def publish(programme: ProgrammeText) -> ProgrammeVersion:
    texts = {
        "summary": programme.summary.plain(),
        "objectives": [text.plain() for text in programme.objectives],
        "audience": programme.audience.plain(),
        "prerequisites": programme.prerequisites.plain(),
        "modules": [{"title": m.title.plain(), "content": m.content()} for m in programme.modules],
        "methods": programme.methods.plain(),
        "assessment": programme.assessment.plain(),
        "accessibility": ACCESS.plain(),
        "access": ENROLMENT.plain(),
        "results": programme.results.plain() if programme.results else {},
    }
    return programmes.publish_programme(
        programme.reference, programme.title.plain(), texts, minutes=programme.half_days * 210, days=programme.half_days,
        modality=programme.modality, min_group=programme.group[0], max_group=programme.group[1],
        price_seat_cents=programme.seat * 100, price_group_cents=programme.whole_group * 100, vat=programme.vat,
        nsf_code=programme.nsf, bpf_class="d", visibility="public",
    )  # fmt: skip


def conversations(client: ClientText) -> tuple[Talk, ...]:
    """What was said in a client's community: all of it where it is lively, less elsewhere."""
    if client.language == "en":
        return ENGLISH
    own = CLIENTS.index(client)
    return FRENCH if own == 0 else FRENCH[own % 3 :: 2] if client.mood == "lively" else FRENCH[own % 3 :: 3]
