"""A client's HR pays an invoice by card."""

from __future__ import annotations

from uuid import UUID

import structlog
from flask import Blueprint, g, render_template, url_for
from flask_babel import lazy_gettext as _l

from saas.billing import queries, stripe_door
from saas.kit.access import HR_OF_ALL, open_to
from saas.kit.errors import Refused
from saas.workspaces.queries.firm import own_firm

log = structlog.get_logger()
bp = Blueprint("payments", __name__, template_folder="../templates")


@bp.post("/w/<workspace>/invoices/<uuid:invoice_id>/pay")
@open_to(HR_OF_ALL)
def pay(workspace: str, invoice_id: UUID) -> str:
    """Opens the payment page and answers with a plain link to it: a redirect of a form would be blocked by our policy."""
    invoice, firm = queries.invoice(invoice_id), own_firm()
    if invoice.due_cents <= 0:
        raise Refused(_l("Nothing is owed on this invoice."))
    back = url_for("invoices.client_show", workspace=workspace, invoice_id=invoice_id, _external=True)
    try:
        opened = stripe_door.open_checkout(
            account=firm.stripe_account, key=f"checkout-{invoice.id}-{invoice.due_cents}", label=invoice.number or "",
            amount_cents=invoice.due_cents, email=g.viewer.email, done_url=f"{back}?paid=1", back_url=back,
            metadata={"invoice": str(invoice.id), "firm": str(g.viewer.firm_id)},
        )  # fmt: skip
    except stripe_door.Away:
        log.warning("stripe is away", exc_info=True)
        raise Refused(_l("The payment service does not answer. Nothing was charged: try again in a minute.")) from None
    return render_template("billing/pay.html", invoice=invoice, url=opened.url)
