"""What billing keeps that concerns people: no invoice names a person, but each counts seats, and the law keeps it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select

from saas.billing.models import Invoice
from saas.catalogue.models import SessionLink
from saas.enrolments.models import Enrolment
from saas.kit.personal import Fact, Hold, Part, Person, Row, holds_personal, not_personal
from saas.kit.retention import Keep, keep
from tenants.db import db

LAW = _l("C. com. L123-22: accounts and their evidence, ten years from the end of the year")
YEARS = 10


def _invoices(person: Person) -> Sequence[Invoice]:
    """Workspace scope: invoices of sessions in which the person has or had a seat, or owes a fee."""
    billed = or_(Enrolment.state.in_(("seated", "attended", "absent")), Enrolment.fee_cents > 0)
    sessions = select(SessionLink.session_id).join(Enrolment, Enrolment.link_id == SessionLink.id)
    own = sessions.where(Enrolment.member_id == person.member_id, billed)
    issued = select(Invoice).where(Invoice.session_id.in_(own), Invoice.state == "issued")
    return db.session.scalars(issued.order_by(Invoice.issued_on)).all()


def _read(person: Person) -> Sequence[Row]:
    return [
        [Fact("number", _l("Invoice"), row.number), Fact("issued_on", _l("Issued on"), row.issued_on)]
        for row in _invoices(person)
    ]


def _holds(person: Person) -> Sequence[Hold]:
    return [
        Hold(_("Invoice %(number)s", number=row.number), LAW, dt.date(row.issued_on.year + YEARS, 12, 31), names=False)
        for row in _invoices(person)
        if row.issued_on
    ]


INVOICES = holds_personal(
    Part(
        "invoices", _l("Invoices that count your seat"), _l("number and date; they name your company, not you"),
        _l("invoice the training"), "duty", ("invoice", "invoice_line"), _read, holds=_holds,
    )
)  # fmt: skip
not_personal("money received for an invoice of a company", "payment")

# The law keeps them; nothing deletes an issued invoice.
keep(Keep("invoices", _l("Invoices and credit notes"), LAW, years=YEARS, since=_l("after the end of the year")))
