"""Writes of billing, in firm scope: prepare, issue, credit, record a payment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from saas.billing.models import Invoice, InvoiceCounter, InvoiceLine, Payment, StripeEvent
from saas.billing.money import MENTIONS, totals, vat_cents
from saas.billing.stripe_door import Event
from saas.catalogue.models import SessionLink, TrainingSession
from saas.enrolments.models import Enrolment, Placeholder
from saas.kit import branding, documents, journal
from saas.kit.clock import PARIS, now, today
from saas.kit.errors import Refused
from saas.kit.i18n import pick, reader_in
from saas.workspaces.commands.firm import profile_with
from saas.workspaces.facts import NEEDS
from saas.workspaces.models import BillingParty, FirmProfile
from tenants.db import db, new_id
from tenants.models import Workspace
from tenants.queue import later

TERMS = dt.timedelta(days=30)
TEMPLATE = Path(__file__).parent / "typst" / "invoice.typ"


def prepare(session: TrainingSession, workspace_id: UUID) -> Invoice:
    """Draft the invoice of one client for one session, from its enrolments. One per client and session. Raises Refused."""
    known = db.session.scalar(
        select(Invoice).where(Invoice.session_id == session.id, Invoice.workspace_id == workspace_id, Invoice.kind == "invoice")
    )
    if known is not None:
        return known
    party = db.session.scalars(
        select(BillingParty).where(BillingParty.workspace_id == workspace_id).order_by(BillingParty.is_default.desc()).limit(1)
    ).first()
    if party is None:
        raise Refused(_l("Say first who is invoiced for this client."))
    with reader_in(_language_of(workspace_id)):
        lines, title = _lines_of(session, workspace_id), pick(session.version.title)
    if not lines:
        raise Refused(_l("There is nothing to invoice: nobody of this client has a seat or owes a fee."))
    invoice = Invoice(id=new_id(), workspace_id=workspace_id, billing_party_id=party.id, session_id=session.id, title=title)
    _write(invoice, lines)
    journal.note("invoice.prepared", title, invoice.id)
    return invoice


def _language_of(workspace_id: UUID) -> str:
    """The language that a client's invoices are written in."""
    return db.session.scalars(select(Workspace.language).where(Workspace.id == workspace_id)).one()


def _write(invoice: Invoice, lines: Sequence[tuple[str, int, int, str]]) -> None:
    invoice.net_cents, invoice.vat_cents = totals((vat, quantity * unit) for _, quantity, unit, vat in lines)
    db.session.add(invoice)
    db.session.flush()
    db.session.add_all(
        InvoiceLine(
            invoice_id=invoice.id,
            workspace_id=invoice.workspace_id,
            position=n,
            label=label,
            quantity=quantity,
            unit_cents=unit,
            vat=vat,
        )  # fmt: skip
        for n, (label, quantity, unit, vat) in enumerate(lines, 1)
    )
    db.session.flush()


def _lines_of(session: TrainingSession, workspace_id: UUID) -> list[tuple[str, int, int, str]]:
    """(label, quantity, unit cents, VAT regime), in the language in force: the seats, or the group, then the withdrawal fees."""
    rows = db.session.execute(
        select(Enrolment, SessionLink)
        .join(Enrolment.link)
        .where(SessionLink.session_id == session.id, Enrolment.workspace_id == workspace_id)
    ).all()
    day = session.starts_at.astimezone(PARIS).strftime("%d/%m/%Y")
    title = pick(session.version.title)
    # A seat paid by a credit was paid when the credits were bought.
    held = [(row, link) for row, link in rows if row.state in ("seated", "attended", "absent") and not row.covered]
    lines: list[tuple[str, int, int, str]] = []
    if held and held[0][1].basis == "group":
        label = _("%(title)s, group of %(n)s, %(day)s", title=title, n=len(held), day=day)
        lines.append((label, 1, held[0][1].price_cents, session.version.vat))
    else:
        by_price: dict[tuple[int, str], int] = {}
        for row, _link in held:
            by_price[row.price_cents, row.vat] = by_price.get((row.price_cents, row.vat), 0) + 1
        label = _("%(title)s, %(day)s, per participant", title=title, day=day)
        lines += [(label, number, price, vat) for (price, vat), number in by_price.items()]
    fees = [row for row, _link in rows if row.fee_cents]
    # A fee follows the regime of the training it stems from.
    lines += [(_("Withdrawal fee"), 1, row.fee_cents, row.vat) for row in fees]
    lines += _without_a_name(session, workspace_id, title, day)
    return lines


def _without_a_name(session: TrainingSession, workspace_id: UUID, title: str, day: str) -> list[tuple[str, int, int, str]]:
    """Seats that were kept and never got a name, and fees of those given back."""
    kept = db.session.scalars(
        select(Placeholder)
        .join(Placeholder.link)
        .where(SessionLink.session_id == session.id, Placeholder.workspace_id == workspace_id)
        .order_by(Placeholder.at)
    ).all()
    label = _("%(title)s, %(day)s, seat without a name", title=title, day=day)
    lines = [(label, 1, row.price_cents, row.vat) for row in kept if row.state == "held" and row.price_cents]
    return lines + [(_("Withdrawal fee"), 1, row.fee_cents, row.vat) for row in kept if row.fee_cents]


def issue(invoice: Invoice, on: dt.date | None = None) -> None:
    """Freeze a draft, with the next number of the firm's series, taken last so that numbers have no gap.

    It bears today's date, unless an invoice of the past is taken over.

    Raises Refused when it is issued already, or while a mandatory mention is missing (CGI ann. II, 242 nonies A).
    """
    db.session.refresh(invoice, ["state"], with_for_update=True)
    if invoice.state != "draft":
        raise Refused(_l("This invoice is issued already."))
    profile = profile_with(*NEEDS["invoice"])
    if profile.vat_regime == "franchise" and any(line.vat == "standard" for line in invoice.lines):
        raise Refused(_l("The firm is under article 293 B and charges no VAT, but a line of this invoice does."))
    issued = on or today()
    frozen = _frozen(invoice, profile, issued)
    invoice.issued_on, invoice.due_on = issued, issued + TERMS
    number = _next_number(f"{'AV' if invoice.kind == 'credit' else 'F'}{issued.year}")
    invoice.number, invoice.state, invoice.frozen = number, "issued", {**frozen, "number": number}
    db.session.flush()
    later("billing.render", invoice_id=invoice.id)
    journal.note("invoice.issued", number, invoice.id, workspace_id=str(invoice.workspace_id))


def _next_number(series: str) -> str:
    values = {"id": new_id(), "series": series, "next_number": 1}
    db.session.execute(upsert(InvoiceCounter.__table__).values(values).on_conflict_do_nothing())  # type: ignore[arg-type]
    taken = db.session.scalar(
        update(InvoiceCounter)
        .where(InvoiceCounter.series == series)
        .values(next_number=InvoiceCounter.next_number + 1)
        .returning(InvoiceCounter.next_number - 1)
    )
    return f"{series}-{taken:04d}"


def _frozen(invoice: Invoice, profile: FirmProfile, issued: dt.date) -> dict[str, Any]:
    """Everything the document says, as it was at issue."""
    party = db.session.scalars(select(BillingParty).where(BillingParty.id == invoice.billing_party_id)).one()
    workspace = db.session.scalars(select(Workspace).where(Workspace.id == invoice.workspace_id)).one()
    session = invoice.session_id and db.session.scalar(select(TrainingSession).where(TrainingSession.id == invoice.session_id))
    lines: list[dict[str, Any]] = [
        {"label": x.label, "quantity": x.quantity, "unit": x.unit_cents, "net": x.net_cents, "vat": x.vat} for x in invoice.lines
    ]
    regimes = sorted({line["vat"] for line in lines})
    nets = {regime: sum(line["net"] for line in lines if line["vat"] == regime) for regime in regimes}
    return {
        "kind": invoice.kind, "title": invoice.title, "language": workspace.language, "lines": lines,
        "issued_on": issued.isoformat(), "due_on": (issued + TERMS).isoformat(),
        "net": invoice.net_cents, "vat": invoice.vat_cents, "total": invoice.total_cents,
        "vat_lines": [{"regime": r, "net": nets[r], "vat": vat_cents(nets[r], r)} for r in regimes],
        "exemption": MENTIONS[profile.vat_regime] if "exempt" in regimes else "", "purchase_order": party.purchase_order,
        "period": f"{session.starts_at.astimezone(PARIS):%d/%m/%Y} – {session.ends_at.astimezone(PARIS):%d/%m/%Y}" if session else "",
        "seller": {
            name: getattr(profile, name)
            for name in (
                "legal_name", "legal_form", "capital_cents", "siret", "vat_number", "activity_number", "activity_region",
                "iban", "bic", "street", "postcode", "city", "email", "logo",
            )
        } | {"colour": branding.guard(profile.colour).light},
        "buyer": {
            "name": party.name, "siren": party.siren, "vat_number": party.vat_number, "street": party.street,
            "postcode": party.postcode, "city": party.city,
        },
    }  # fmt: skip


def render(invoice: Invoice) -> None:
    """Job: typeset an issued invoice from its frozen data, and archive it. Doing it twice keeps the first."""
    if invoice.document_id is not None:
        return
    pdf = documents.render(TEMPLATE, invoice.frozen, invoice.frozen["seller"].get("logo", ""))
    document = documents.archive("invoice", invoice.id, f"{invoice.number}.pdf", pdf, workspace_id=invoice.workspace_id)
    invoice.document_id = document.id
    db.session.flush()


def credit(invoice: Invoice) -> Invoice:
    """Correct an issued invoice in the only way there is: a credit note for the whole of it, issued at once."""
    if invoice.state != "issued" or invoice.kind != "invoice":
        raise Refused(_l("Only an issued invoice is credited."))
    known = db.session.scalar(select(Invoice).where(Invoice.credit_of_id == invoice.id))
    if known is not None:
        return known
    with reader_in(_language_of(invoice.workspace_id)):
        title = _("Credit note for %(number)s", number=invoice.number)
    note = Invoice(
        id=new_id(), kind="credit", workspace_id=invoice.workspace_id, billing_party_id=invoice.billing_party_id,
        credit_of_id=invoice.id, title=title,
    )  # fmt: skip
    _write(note, [(line.label, line.quantity, -line.unit_cents, line.vat) for line in invoice.lines])
    issue(note)
    pay(invoice, invoice.due_cents, "credit", f"credit:{note.number}")
    return note


def pay(invoice: Invoice, amount_cents: int, method: str, reference: str, at: dt.datetime | None = None) -> bool:
    """Record money received. The same reference counts once; False when it was known. Raises Refused on a bad amount."""
    if invoice.state != "issued" or amount_cents <= 0:
        raise Refused(_l("Enter an amount above zero, on an issued invoice."), "amount")
    row = {
        "id": new_id(), "invoice_id": invoice.id, "workspace_id": invoice.workspace_id, "amount_cents": amount_cents,
        "method": method, "reference": reference, "at": at or now(),
    }  # fmt: skip
    added = db.session.execute(
        upsert(Payment.__table__).values(row).on_conflict_do_nothing().returning(Payment.__table__.c.id)  # type: ignore[arg-type]
    ).one_or_none()
    if added is None:
        return False
    db.session.expire(invoice, ["payments"])
    journal.note("invoice.paid", invoice.number or "", invoice.id, cents=amount_cents, method=method)
    return True


def keep_event(event: Event) -> None:
    """Platform scope: keep an event of Stripe's and ask for its work, once whatever Stripe repeats."""
    values = {
        "id": new_id(), "event_id": event.id, "type": event.type, "account": event.account, "object_id": event.object_id
    }  # fmt: skip
    new = db.session.execute(
        upsert(StripeEvent.__table__).values(values).on_conflict_do_nothing().returning(StripeEvent.__table__.c.id)  # type: ignore[arg-type]
    ).one_or_none()
    if new is not None:
        later("billing.stripe_event", event_id=event.id)
