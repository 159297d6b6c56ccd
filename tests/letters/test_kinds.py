"""Each kind of mail, in both languages, as it arrives: words, facts, calendar; and who gets none."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask
from sqlalchemy import select

from saas.catalogue.commands.sessions import move
from saas.enrolments.commands import leaving
from saas.enrolments.letters.kinds import CANCEL, KINDS, OF_PERSON, REQUEST
from saas.enrolments.letters.words import BRACES, ours, placeholders
from saas.enrolments.models import Enrolment
from saas.kit.clock import now
from tenants.db import db
from tenants.queue import drain
from tenants.scope import inside
from tests.cast import World, add_person
from tests.house import pseudo
from tests.letters.support import (
    Superuser,
    a_session,
    arrived,
    ask,
    empty_box,
    enrol,
    entries,
    hurry,
    session_row,
    state,
    text_of,
)

# The state in which a mail of this kind is true.
STATES = {
    "approved": "seated", "refused": "refused", "seated": "seated", "waiting": "waiting", "offered": "offered", "lapsed": "lapsed",
    "convocation": "seated", "moved": "seated", "substituted_out": "substituted", "substituted_in": "seated",
    "transferred": "seated", "withdrawn": "withdrawn", "cancelled": "cancelled",
}  # fmt: skip
SUBJECTS = {
    "approved": ("Votre demande est acceptée : Manager engagé", "Your request is approved: Committed manager"),
    "refused": ("Votre demande : Manager engagé", "Your request: Committed manager"),
    "seated": ("Votre inscription : Manager engagé", "You have a seat: Committed manager"),
    "waiting": ("Vous êtes sur liste d’attente : Manager engagé", "You are on the waiting list: Committed manager"),
    "offered": ("Une place se libère pour vous : Manager engagé", "A seat is free for you: Committed manager"),
    "lapsed": ("La place a été proposée à la personne suivante : Manager engagé", "The seat went to the next in line: Committed manager"),
    "convocation": ("Votre convocation : Manager engagé", "Your convocation: Committed manager"),
    "moved": ("Changement à noter : Manager engagé", "Please note the change: Committed manager"),
    "substituted_out": ("Une autre personne prend votre place : Manager engagé", "Somebody takes your seat: Committed manager"),
    "substituted_in": ("Vous prenez le relais : Manager engagé", "You take over a seat: Committed manager"),
    "transferred": ("Votre place est reportée : Manager engagé", "Your seat moves to other dates: Committed manager"),
    "withdrawn": ("Votre place est rendue : Manager engagé", "Your seat is given back: Committed manager"),
    "cancelled": ("Session annulée : Manager engagé", "Session cancelled: Committed manager"),
}  # fmt: skip


def test_every_kind_for_a_person_is_tried_here() -> None:
    assert set(STATES) == set(SUBJECTS) == set(OF_PERSON)


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("code", OF_PERSON)
def test_a_mail_in_its_readers_language(app: Flask, world: World, superuser: Superuser, code: str, language: str) -> None:
    firm, company = world.firms[0], world.companies[0]
    superuser.execute("UPDATE member SET language = %s WHERE workspace_id = %s", (language, company.id))
    with app.app_context():
        _session, links = a_session(firm, [company], state="confirmed", length=2)
        (seat,) = enrol(company, links[company.slug], "participant")
        superuser.execute("DELETE FROM outbox")
        state(company, seat, STATES[code], reason="Budget", offer_until=now() + dt.timedelta(hours=48))
        ask(company.scope, code, enrolment_id=seat)
        (mail,) = arrived(company.address("participant"))
    french = language == "fr"
    assert str(mail["Subject"]).replace("\u00a0", " ") == SUBJECTS[code][0 if french else 1]
    assert mail["Content-Language"] == language
    said = text_of(mail)
    assert ("Bonjour Participant," if french else "Hello Participant,") in said
    assert "Salle Belledonne" in said and ("9:00 – 12:30" in said) and str((now() + dt.timedelta(days=45)).year) in said
    assert "{" not in said and "http://localhost/" in said
    method = KINDS[code].calendar
    assert [entry[0] for entry in entries(mail)] == [method] * (2 if method else 0)
    assert all(uid == f"{seat}-{n}@cordee" for n, (_m, uid, _s, _d) in enumerate(entries(mail), 1))
    if code == "refused":
        assert "Budget" in said
    if code == "offered":
        assert ("gardée jusqu’au" if french else "Kept for you until") in said


def test_texts_name_the_same_placeholders_in_both_languages(app: Flask) -> None:
    with app.test_request_context("/"):
        for code in KINDS:
            french, english = ours(code, "fr"), ours(code, "en")
            for part in ("subject", "opening", "closing"):
                named = set(BRACES.findall(getattr(english, part)))
                assert set(BRACES.findall(getattr(french, part))) == named <= set(placeholders(code)), (code, part)


@pytest.mark.parametrize("code", KINDS)
def test_every_word_of_every_kind_was_given_to_the_translators(app: Flask, code: str) -> None:
    with pseudo.in_force(app), app.test_request_context("/"):
        said = ours(code, "fr")
        assert all("⟦" in text for text in (said.subject, said.opening)) and "⟦" in str(KINDS[code].button)


def test_the_convocation_has_what_one_needs(app: Flask, world: World, superuser: Superuser) -> None:
    firm, company = world.firms[0], world.companies[0]
    with app.app_context():
        session_id, links = a_session(firm, [company], state="confirmed")
        (seat,) = enrol(company, links[company.slug], "participant")
        superuser.execute("DELETE FROM outbox")
        superuser.execute(
            "INSERT INTO letter_settings (firm_id, id, contact, access_contact, to_bring)"
            " VALUES (%(f)s, %(f)s, 'Marc, 04 76', 'Camille, 04 77', '{\"en\": \"A pen\"}')", {"f": firm.id},
        )  # fmt: skip
        ask(company.scope, "convocation", enrolment_id=seat)
        said = text_of(arrived(company.address("participant"))[0])
    for fact in (
        "Tram A",
        "Alpha Trainer",
        "Marc, 04 76",
        "Camille, 04 77",
        "A pen",
        "The programme",
        "rules",
        "needs",
        "absences",
    ):
        assert fact in said, fact
    assert str(session_id) not in said, "clients' addresses never carry the session's id"


def test_the_entry_of_a_seat_given_back_leaves_with_a_higher_sequence(app: Flask, world: World) -> None:
    firm, company = world.firms[0], world.companies[0]
    with app.app_context():
        _session, links = a_session(firm, [company])
        (seat,) = enrol(company, links[company.slug], "participant")
        drain()
        with inside(company.scope):
            leaving.withdraw(db.session.scalars(select(Enrolment).where(Enrolment.id == seat)).one(), "")
        drain()
        given, gone = (entries(mail)[0] for mail in arrived(company.address("participant")))
    assert (given[0], gone[0]) == (REQUEST, CANCEL) and given[1] == gone[1] and gone[2] > given[2]


def test_a_transfer_is_one_mail_with_both_ends(app: Flask, world: World, superuser: Superuser) -> None:
    firm, company = world.firms[0], world.companies[0]
    with app.app_context():
        _one, before = a_session(firm, [company], days=20)
        _two, after = a_session(firm, [company], days=40)
        (old,) = enrol(company, before[company.slug], "participant")
        drain()
        (new,) = enrol(company, after[company.slug], "participant")
        superuser.execute("DELETE FROM outbox")
        state(company, old, "transferred", ended_at=now())
        empty_box()
        ask(company.scope, "transferred", enrolment_id=old)
        ask(company.scope, "transferred", enrolment_id=new)
        ask(company.scope, "seated", enrolment_id=new)
        mails = arrived(company.address("participant"))
    assert [(method, uid.rsplit("-", 1)[0]) for method, uid, _s, _d in entries(mails[0])] == [
        (CANCEL, str(old)),
        (REQUEST, str(new)),
    ]
    assert len(mails) == 1, "the same event from the other end, and the seat it gave, were told by that mail"


def test_nobody_is_told_who_has_left_or_has_no_address(app: Flask, world: World, superuser: Superuser) -> None:
    firm, company = world.firms[0], world.companies[0]
    with app.app_context():
        _session, links = a_session(firm, [company])
        enrol(company, links[company.slug], "participant", "sponsor")
        superuser.execute("UPDATE member SET left_at = now() WHERE id = %s", (company.ids["member-participant"],))
        superuser.execute("UPDATE member SET email = NULL, email_norm = NULL WHERE id = %s", (company.ids["member-sponsor"],))
        empty_box()
        drain()
        assert arrived(company.address("participant")) == [] and arrived(company.address("sponsor")) == []


def test_no_mail_about_one_client_speaks_of_another(app: Flask, world: World, superuser: Superuser) -> None:
    """Everybody of both clients of one inter session, whatever happens to it."""
    firm, (a, b) = world.firms[0], world.firms[0].companies
    with app.app_context():
        session_id, links = a_session(firm, [a, b], state="confirmed", days=3)
        for company in (a, b):
            enrol(company, links[company.slug], "participant", "sponsor", "second")
        drain()
        hurry(superuser)
        with inside(firm.scope):
            move(session_row(session_id), "cancelled", "Too few")
        drain()
        letters = {company.slug: arrived(f"@{company.slug}.example") for company in (a, b)}
    seen = 0
    for company, other in ((a, b), (b, a)):
        for mail in letters[company.slug]:
            seen += 1
            whole = mail.as_bytes().decode()
            assert other.slug not in whole and other.canary not in whole and str(session_id) not in whole
    assert seen >= 12


def test_somebody_who_has_not_joined_gets_in_with_one_click(app: Flask, world: World) -> None:
    firm, company = world.firms[0], world.companies[0]
    with app.app_context():
        with inside(company.scope):
            add_person(company, "newcomer")
        _session, links = a_session(firm, [company])
        enrol(company, links[company.slug], "newcomer")
        drain()
        assert "/-/invitation/" in text_of(arrived(company.address("newcomer"))[0])
