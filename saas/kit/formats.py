"""How money, dates and names are said in the reader's language. Moments come in as aware UTC and show in Paris."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from decimal import Decimal
from typing import Any

from babel.numbers import format_currency
from flask import Flask
from flask_babel import format_date, format_decimal, format_percent, format_timedelta, get_locale
from flask_babel import gettext as _
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from saas.kit.clock import PARIS, now
from saas.kit.i18n import language
from saas.kit.paging import page_url, sort_url

NBSP, NARROW = "\u00a0", "\u202f"


def _wide(text: str) -> str:
    # In our font a narrow no-break space is so thin that 13 630 reads 13630.
    return text.replace(NARROW, NBSP)


def money(cents: int, currency: str = "EUR") -> str:
    """1 150,00 € or €1,150.00."""
    return _wide(format_currency(Decimal(cents) / 100, currency, locale=get_locale()))


def number(value: float) -> str:
    return _wide(format_decimal(value))


def percent(share: float) -> str:
    """A share (0 to 1) as a whole percentage."""
    return _wide(format_percent(share, f"#,##0{NBSP}%" if language() == "fr" else "#,##0%"))


def _local(moment: dt.datetime | dt.date) -> dt.date:
    return moment.astimezone(PARIS).date() if isinstance(moment, dt.datetime) else moment


def day(moment: dt.datetime | dt.date) -> str:
    """24 nov. 2026."""
    return str(format_date(_local(moment), "medium"))


def day_long(moment: dt.datetime | dt.date) -> str:
    """Mardi 24 novembre 2026, with a capital as it starts a line."""
    text = str(format_date(_local(moment), "full"))
    return text[:1].upper() + text[1:]


def weekday(moment: dt.datetime) -> str:
    return str(format_date(_local(moment), "E"))


def daynum(moment: dt.datetime) -> str:
    return str(_local(moment).day)


def clock(moment: dt.datetime) -> str:
    """9:00, on the wall in Paris."""
    local = moment.astimezone(PARIS)
    return f"{local.hour}:{local.minute:02d}"


def hours(start: dt.datetime, end: dt.datetime) -> str:
    """9:00 – 12:30."""
    return f"{clock(start)} – {clock(end)}"


def moment(value: dt.datetime) -> str:
    """Mardi 24 novembre 2026, 9:00."""
    return f"{day_long(value)}, {clock(value)}"


def ago(value: dt.datetime) -> str:
    """il y a 2 heures; in 3 days."""
    return str(format_timedelta(value - now(), add_direction=True))


def initials(name: str) -> str:
    words = [w for w in re.split(r"[\s'’-]+", name) if w]
    return (words[0][:1] + (words[-1][:1] if len(words) > 1 else words[0][1:2])).upper() if words else "?"


def hue(key: Any) -> int:
    """One of eight stable colours for a person or a company."""
    return hashlib.sha256(str(key).encode()).digest()[0] % 8


def typo(text: Any) -> str:
    """French spacing: no-break before : » € %, after «, narrow before ; ? !"""
    if language() != "fr":
        return str(text)
    said = re.sub(r" (?=[:»€%])", NBSP, str(text))
    said = re.sub(r" (?=[;?!])", NARROW, said).replace("« ", f"«{NBSP}")
    return text.__class__(said) if isinstance(text, Markup) else said


def length_of(version: Any) -> str:
    """2 days, 14 h; half a day, 3.5 h. `days` counts half-days."""
    days, hours_ = version.days / 2, version.minutes / 60
    said = _("half a day") if days == 0.5 else _("1 day") if days == 1 else _("%(n)s days", n=number(days))
    return f"{said}, {number(hours_)}{NBSP}h"


def modality(code: str) -> str:
    return str({"onsite": _("on site"), "remote": _("remote"), "blended": _("blended")}[code])


def step(code: str) -> str:
    """A step of an enrolment, after the name of who made it."""
    said = {
        "requested": _("asked for a seat"), "refused": _("refused the request"),
        "waiting": _("put on the waiting list"), "offered": _("offered a seat"),
        "accepted": _("took the seat"), "declined": _("left the seat"),
        "lapsed": _("ended the offer"), "seated": _("gave a seat"), "withdrawn": _("gave the seat back"),
        "cancelled": _("cancelled the session"), "gone": _("released the place, as the person has left"), "attended": _("noted presence"), "absent": _("noted absence"),
    }.get(code, code)  # fmt: skip
    return str(said)


def role_name(code: str) -> str:
    said = {
        "owner": _("owner"), "advisor": _("advisor"), "trainer": _("trainer"), "accountant": _("accountant"),
        "hr": _("HR"), "sponsor": _("sponsor"), "participant": _("manager"),
    }[code]  # fmt: skip
    return str(said)


def work(kind: str) -> str:
    """A job's kind, as the page of failed work says it."""
    known = {
        "identity.sign_in_link": _("Send a sign-in link"),
        "identity.invitation": _("Send an invitation"),
        "workspaces.apply_import": _("Import people"),
        "workspaces.invite_imported": _("Invite the people imported"),
        "workspaces.send_invitations": _("Send invitations"),
        "enrolments.requested_mail": _("Write to HR that a request waits"),
        "enrolments.approved_mail": _("Write that a request is approved"),
        "enrolments.refused_mail": _("Write that a request is refused"),
        "enrolments.seated_mail": _("Write that a seat is given"),
        "enrolments.enrolled_mail": _("Write to HR who was enrolled"),
        "enrolments.waiting_mail": _("Write that somebody is on the waiting list"),
        "enrolments.offered_mail": _("Write that a seat is offered"),
        "enrolments.lapsed_mail": _("Write that an offer is over"),
        "enrolments.convocation_mail": _("Send a convocation"),
        "enrolments.moved_mail": _("Write that a session has changed"),
        "enrolments.substituted_out_mail": _("Write that somebody takes a seat over"),
        "enrolments.substituted_in_mail": _("Write to whoever takes a seat over"),
        "enrolments.transferred_mail": _("Write that a seat moves to other dates"),
        "enrolments.withdrawn_mail": _("Write that a seat is given back"),
        "enrolments.given_back_mail": _("Write to HR that a seat is given back"),
        "enrolments.cancelled_mail": _("Write that a session is cancelled"),
        "enrolments.absence_mail": _("Write to HR that an absence is announced"),
        "enrolments.trainer_absence_mail": _("Write to a trainer that an absence is announced"),
        "enrolments.trainer_substituted_mail": _("Write to a trainer that somebody is replaced"),
        "enrolments.trainer_cancelled_mail": _("Write to a trainer that a session is cancelled"),
        "enrolments.try_mail": _("Send a test of a mail"),
        "enrolments.sweep_convocations": _("Look for people to convoke"),
        "enrolments.convoke": _("Ask for the convocations that are due"),
        "enrolments.sweep_needs": _("Look for needs to erase"),
        "enrolments.forget_needs": _("Erase the needs of sessions that are over"),
        "enrolments.offer_next": _("Offer a free seat to the next in line"),
        "enrolments.sweep_offers": _("Look for offers that have ended"),
        "queue.forget": _("Let go of work done a month ago"),
        "enrolments.lapse_offers": _("End the offers whose time is over"),
        "delivery.certificates": _("Make certificates"),
        "delivery.certificate_mail": _("Write that a certificate is ready"),
        "billing.render": _("Typeset an invoice"),
        "billing.invoice_mail": _("Send an invoice"),
        "billing.stripe_event": _("Read a message of Stripe"),
        "billing.checkout_changed": _("Record a payment by card"),
    }
    return str(known.get(kind, kind))


def _act_on_seats(entry: Any) -> dict[str, str]:
    return {
        "enrolments.made": _("enrolled people"),
        "enrolment.withdrawn": _("gave a seat back"),
        "letter.adapted": _("changed the text of a mail: %(what)s", what=entry.subject),
        "letter.convocations": _("changed when people are convoked, or what they are told"),
        "letter.again": _("sent a mail to %(what)s again", what=entry.subject),
        "absence.announced": _("announced an absence of %(what)s", what=entry.subject),
        "absence.taken_back": _("took back an absence of %(what)s", what=entry.subject),
        "needs.read": _("read who needs what in a session of “%(what)s”", what=entry.subject),
    }


def act(entry: Any) -> str:
    """A line of the journal, after the name of who acted."""
    known = _act_on_seats(entry) | {
        "workspace.created": _("opened the space of %(what)s", what=entry.subject),
        "workspace.branded": _("changed the look of a space"),
        "firm.opened": _("opened the firm"),
        "firm.suspended": _("suspended the firm"),
        "firm.resumed": _("opened the firm again"),
        "firm.closed": _("closed the firm"),
        "firm.described": _("changed what the firm says of itself"),
        "firm.billed": _("changed the firm’s VAT or bank details"),
        "firm.branded": _("changed the firm’s look"),
        "firm.texts": _("changed who signs, or the firm’s terms"),
        "firm.cancellation": _("changed the cancellation terms"),
        "staff.invited": _("invited %(what)s to the staff", what=entry.subject),
        "staff.changed": _("changed the roles or card of %(what)s", what=entry.subject),
        "staff.limited": _("changed the clients of %(what)s", what=entry.subject),
        "staff.removed": _("removed %(what)s from the staff", what=entry.subject),
        "staff.taken_back": _("took %(what)s back into the staff", what=entry.subject),
        "trainer.described": _("changed the card of %(what)s", what=entry.subject),
        "trainer.document_added": _("added a document of %(what)s", what=entry.subject),
        "trainer.document_removed": _("removed a document of %(what)s", what=entry.subject),
        "workspace.archived": _("archived %(what)s", what=entry.subject),
        "workspace.restored": _("restored %(what)s", what=entry.subject),
        "clients.imported": _("imported clients from %(what)s", what=entry.subject),
        "party.changed": _("changed who is invoiced: %(what)s", what=entry.subject),
        "party.deleted": _("took %(what)s from those invoiced", what=entry.subject),
        "invitation.sent": _("sent an invitation"),
        "invitation.revoked": _("took back the invitation of %(what)s", what=entry.subject),
        "member.made_hr": _("made %(what)s HR", what=entry.subject),
        "member.added": _("added %(what)s", what=entry.subject),
        "member.changed": _("changed the details of %(what)s", what=entry.subject),
        "member.roles": _("changed the roles of %(what)s", what=entry.subject),
        "member.left": _("marked %(what)s as gone", what=entry.subject),
        "member.returned": _("took %(what)s back in", what=entry.subject),
        "people.invited": _("invited several people at once (%(what)s)", what=entry.subject),
        "people.changed": _("changed several people at once (%(what)s)", what=entry.subject),
        "people.left": _("marked several people as gone at once (%(what)s)", what=entry.subject),
        "people.undone": _("took back a change of several people (%(what)s)", what=entry.subject),
        "people.exported": _("exported a list of people (%(what)s)", what=entry.subject),
        "import.applied": _("imported %(what)s", what=entry.subject),
        "import.undone": _("undid the import of %(what)s", what=entry.subject),
        "offer.made": _("offered “%(what)s”", what=entry.subject),
        "session.opened": _("opened a session of “%(what)s”", what=entry.subject),
        "session.confirmed": _("confirmed a session"),
        "session.cancelled": _("cancelled a session"),
        "invoice.prepared": _("prepared an invoice"),
        "zone.joined": _("joined a community"),
        "zone.left": _("left a community"),
        "invoice.issued": _("issued invoice %(what)s", what=entry.subject),
        "invoice.paid": _("recorded a payment of %(what)s", what=entry.subject),
        "space.opened": _("opened a community"),
        "attendance.countersigned": _("counter-signed a half-day"),
        "certificate.made": _("made certificates"),
    }
    return str(known.get(entry.action, entry.action))


FILTERS = (
    money, number, percent, day, day_long, weekday, daynum, clock, hours, moment, ago, initials, hue, typo, length_of,
    modality, role_name, step, work, act,
)  # fmt: skip


def _with_thousands(app: Flask) -> None:
    """In templates, the number of a plural text is said as people write it: 10 300, not 10300."""
    plural: Any = app.jinja_env.globals["ngettext"]

    @pass_context
    def ngettext(context: Context, one: str, many: str, num: int, **variables: Any) -> str:
        return str(plural(context, one, many, num, **{"num": number(num), **variables}))

    app.jinja_env.globals["ngettext"] = ngettext


def init_formats(app: Flask) -> None:
    _with_thousands(app)
    app.jinja_env.filters.update({f.__name__: f for f in FILTERS})
    app.jinja_env.globals.update(page_url=page_url, sort_url=sort_url, right_now=now, get_locale=get_locale)
