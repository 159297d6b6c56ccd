"""Work of billing: documents, mails, and what Stripe says."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import any_, select, update

from saas.billing import commands, queries, stripe_door
from saas.billing.models import StripeEvent
from saas.identity.models import Member
from saas.kit import mail
from saas.kit.clock import now
from tenants.db import db
from tenants.models import Firm, Workspace
from tenants.queue import job, later
from tenants.resolver import link
from tenants.scope import Scope, inside


@job("billing.render")
def render(invoice_id: str) -> None:
    """Firm scope: typeset, archive, and tell the client's HR."""
    invoice = queries.invoice(UUID(invoice_id))
    commands.render(invoice)
    if invoice.kind == "invoice":
        later("billing.invoice_mail", invoice_id=invoice.id)


@job("billing.invoice_mail")
def invoice_mail(invoice_id: str) -> None:
    """Firm scope: one mail to each HR of the client, with a link and no figures but the number and total."""
    invoice = queries.invoice(UUID(invoice_id))
    firm = db.session.scalars(select(Firm)).one()
    workspace = db.session.scalars(select(Workspace).where(Workspace.id == invoice.workspace_id)).one()
    url = link(firm.slug, "invoices.client_show", workspace=workspace.slug, invoice_id=invoice.id)
    people = db.session.scalars(
        select(Member).where(
            Member.workspace_id == invoice.workspace_id,
            any_(Member.roles) == "hr",
            Member.left_at.is_(None),
            Member.email.is_not(None),
        )  # fmt: skip
    )
    for person in people:
        mail.send(
            (person.name, person.email or ""), person.language, "billing/mails/invoice", sender=firm.name,
            workspace_id=workspace.id, url=url, invoice=invoice, member=person,
        )  # fmt: skip


@job("billing.stripe_event")
def stripe_event(event_id: str) -> None:
    """Platform scope: find the firm that an event is about, and go on in its scope."""
    row = db.session.scalars(select(StripeEvent).where(StripeEvent.event_id == event_id)).one()
    firm = db.session.scalar(select(Firm).where(Firm.stripe_account == row.account)) if row.account else None
    if firm is not None and row.type.startswith("checkout.session."):
        with inside(Scope.firm(firm.id)):
            later("billing.checkout_changed", checkout_id=row.object_id)
    db.session.execute(update(StripeEvent).where(StripeEvent.event_id == event_id).values(done_at=now()))


@job("billing.checkout_changed")
def checkout_changed(checkout_id: str) -> None:
    """Firm scope: ask Stripe what became of a payment page on this firm's account, and record it once."""
    firm = db.session.scalars(select(Firm)).one()
    found = stripe_door.checkout(checkout_id, firm.stripe_account)
    if not found.paid or found.currency != "eur" or found.metadata.get("firm") != str(firm.id):
        return
    invoice = queries.invoice(UUID(found.metadata["invoice"]))
    commands.pay(invoice, found.amount_cents, "card", f"stripe:{found.id}")
