"""Every mail about a seat: who reads it, what it does to their calendar, and the product's own words for it.

In texts, names in braces stand for what is computed (see saas.enrolments.letters.words). Facts are never part of a text:
dates, place, fee and the like are added by saas.enrolments.letters.facts, whatever the text says.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

PERSON, HR, TRAINER = "person", "hr", "trainer"
REQUEST, CANCEL = "REQUEST", "CANCEL"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of mail. `calendar` is a method of RFC 5546 or nothing."""

    name: LazyString
    subject: LazyString
    opening: LazyString
    closing: LazyString | str = ""
    button: LazyString = _l("My page for this training")
    audience: str = PERSON
    calendar: str = ""


DETAILS = _l("See the details")
# In the order of a seat's life; the lists of the interface keep it.
KINDS: dict[str, Kind] = {
    "requested": Kind(
        _l("A request waits (to HR)"),
        _l("{person} asks for a seat: {title}"),
        _l("{person} asks to take part in “{title}”. Approve or refuse the request on the page below: {person} is told at once."),
        button=_l("Answer the request"),
        audience=HR,
    ),
    "approved": Kind(
        _l("Request approved"),
        _l("Your request is approved: {title}"),
        _l("Your request for “{title}” is approved."),
        calendar=REQUEST,
    ),
    "refused": Kind(
        _l("Request refused"),
        _l("Your request: {title}"),
        _l("Your request for “{title}” was not accepted this time."),
        button=_l("See the answer"),
    ),
    "seated": Kind(
        _l("Seat given"),
        _l("You have a seat: {title}"),
        _l("You have a seat for “{title}”. The dates are attached for your calendar; they move there if the session moves."),
        calendar=REQUEST,
    ),
    "enrolled": Kind(
        _l("People enrolled (to HR)"),
        _l("Enrolled: {title}"),
        _l("These people were enrolled in “{title}”. Each of them has been told."),
        button=_l("See the session"),
        audience=HR,
    ),
    "waiting": Kind(
        _l("On the waiting list"),
        _l("You are on the waiting list: {title}"),
        _l("“{title}” is full for now. You are on the waiting list: as soon as a seat is free for you, we write to you."),
    ),
    "offered": Kind(
        _l("Seat offered"),
        _l("A seat is free for you: {title}"),
        _l("A seat is free for “{title}”, and it is kept for you for a while. Take it or leave it with one click."),
        button=_l("Take or leave the seat"),
    ),
    "lapsed": Kind(
        _l("Offer over"),
        _l("The seat went to the next in line: {title}"),
        _l("We kept a seat for you in “{title}” and did not hear from you in time, so it went to the next person in line."),
        _l("If you still wish to take part, speak to your HR."),
        button=DETAILS,
    ),
    "convocation": Kind(
        _l("Convocation"),
        _l("Your convocation: {title}"),
        _l("Your training “{title}” is coming up. Here is what you need for it. The dates are attached for your calendar."),
        _l("See you soon!"),
        calendar=REQUEST,
    ),
    "moved": Kind(
        _l("Session changed"),
        _l("Please note the change: {title}"),
        _l("Something has changed for “{title}”. What is below is what holds now; your calendar is updated by the attached entry."),
        _l("If you cannot come any more, say so on your page."),
        calendar=REQUEST,
    ),
    "substituted_out": Kind(
        _l("Replaced by somebody"),
        _l("Somebody takes your seat: {title}"),
        _l("Your seat in “{title}” is taken over by a colleague. The dates leave your calendar."),
        button=DETAILS,
        calendar=CANCEL,
    ),
    "substituted_in": Kind(
        _l("Seat taken over"),
        _l("You take over a seat: {title}"),
        _l("You take over a colleague’s seat in “{title}”. The dates are attached for your calendar."),
        calendar=REQUEST,
    ),
    "transferred": Kind(
        _l("Moved to another session"),
        _l("Your seat moves to other dates: {title}"),
        _l("Your seat in “{title}” moves to another session. The new dates are below; the former ones leave your calendar."),
        calendar=REQUEST,
    ),
    "withdrawn": Kind(
        _l("Seat given back"),
        _l("Your seat is given back: {title}"),
        _l("You no longer take part in “{title}”. The dates leave your calendar."),
        button=DETAILS,
        calendar=CANCEL,
    ),
    "given_back": Kind(
        _l("A seat was given back (to HR)"),
        _l("{person} gives the seat back: {title}"),
        _l("{person} no longer takes part in “{title}” and gave the seat back. You can enrol somebody else."),
        button=DETAILS,
        audience=HR,
    ),
    "cancelled": Kind(
        _l("Session cancelled"),
        _l("Session cancelled: {title}"),
        _l("The session “{title}” does not take place. The dates leave your calendar. Your HR will propose another one."),
        button=DETAILS,
        calendar=CANCEL,
    ),
    "absence": Kind(
        _l("An absence is announced (to HR)"),
        _l("Absence announced by {person}: {title}"),
        _l("{person} has said what they will miss of “{title}”. They keep their seat."),
        button=DETAILS,
        audience=HR,
    ),
    "trainer_absence": Kind(
        _l("An absence is announced (to the trainer)"),
        _l("Absence announced by {person}: {title}"),
        _l("{person} ({client}) has said what they will miss of “{title}”."),
        button=_l("See the session"),
        audience=TRAINER,
    ),
    "trainer_substituted": Kind(
        _l("Somebody is replaced (to the trainer)"),
        _l("A participant is replaced: {title}"),
        _l("{person} ({client}) now takes part in “{title}” in the place of somebody else."),
        button=_l("See the session"),
        audience=TRAINER,
    ),
    "trainer_cancelled": Kind(
        _l("Session cancelled (to the trainer)"),
        _l("Your session is cancelled: {title}"),
        _l("Your session “{title}” does not take place. Everybody who was enrolled is told."),
        button=_l("See the session"),
        audience=TRAINER,
    ),
}  # fmt: skip
OF_PERSON = tuple(code for code, kind in KINDS.items() if kind.audience == PERSON)


def code_of(template: str) -> str:
    """The kind that a line of the mail log names, or nothing: other features send mails too."""
    code = template.rsplit("/", 1)[-1]
    return code if template == named(code) and code in KINDS else ""


def named(code: str) -> str:
    """How the mail log names a kind."""
    return f"enrolments/mails/{code}"


def job_of(code: str) -> str:
    """The job that sends a kind."""
    return f"enrolments.{code}_mail"


# In an address: any of the kinds.
IN_ADDRESS = f"<any({', '.join(KINDS)}):kind>"
