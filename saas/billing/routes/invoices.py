"""Invoices: the firm prepares, issues, credits and records payments; a client's HR reads its own."""

from __future__ import annotations

import io
from uuid import UUID, uuid4

from flask import Blueprint, abort, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from saas.billing import commands, queries
from saas.catalogue.queries.sessions import session as training_session
from saas.kit.access import HR_OF_ALL, open_to
from saas.kit.documents import content_of
from saas.kit.errors import Refused
from saas.kit.money import cents
from saas.kit.shell import CLIENT, CONSOLE, nav_entry
from saas.kit.tables import paged
from saas.workspaces.queries.clients import workspace_names

bp = Blueprint("invoices", __name__, template_folder="../templates")
nav_entry(CONSOLE, 60, _l("Billing"), "invoices.index", "receipt-text", "owner", "advisor", "accountant")
nav_entry(CLIENT, 60, _l("Invoices"), "invoices.client_index", "receipt-text", HR_OF_ALL, "owner", "advisor", "accountant")
READERS, WRITERS = ("owner", "advisor", "accountant"), ("owner", "accountant")
bp.add_app_template_filter(queries.standing, "standing")


@bp.get("/invoices")
@open_to(*READERS)
def index() -> str:
    return render_template(
        "billing/invoices.html", page=paged(queries.invoices()), names=workspace_names(), ready=queries.to_invoice()
    )


@bp.post("/sessions/<uuid:session_id>/invoices")
@open_to(*WRITERS)
def prepare(session_id: UUID) -> Response:
    """Draft the invoice of one client for a session."""
    try:
        workspace_id = UUID(request.form.get("workspace", ""))
    except ValueError:
        abort(400)
    if workspace_id not in workspace_names():
        abort(404)
    invoice = commands.prepare(training_session(session_id), workspace_id)
    return redirect(url_for("invoices.show", invoice_id=invoice.id), 303)


@bp.get("/invoices/<uuid:invoice_id>")
@open_to(*READERS)
def show(invoice_id: UUID) -> str:
    return render_template(
        "billing/invoice.html", invoice=queries.invoice(invoice_id), names=workspace_names(), reference=uuid4().hex
    )


@bp.post("/invoices/<uuid:invoice_id>/issue")
@open_to(*WRITERS)
def issue(invoice_id: UUID) -> Response:
    invoice = queries.invoice(invoice_id)
    commands.issue(invoice)
    flash(_("Invoice %(number)s is issued. Its document is being made; HR is told.", number=invoice.number), "ok")
    return redirect(url_for("invoices.show", invoice_id=invoice_id), 303)


@bp.post("/invoices/<uuid:invoice_id>/credit")
@open_to(*WRITERS)
def credit(invoice_id: UUID) -> Response:
    note = commands.credit(queries.invoice(invoice_id))
    flash(_("Credit note %(number)s is issued.", number=note.number), "ok")
    return redirect(url_for("invoices.show", invoice_id=note.id), 303)


@bp.post("/invoices/<uuid:invoice_id>/payments")
@open_to(*WRITERS)
def record(invoice_id: UUID) -> Response:
    """A transfer seen on the bank statement. The form's own reference makes a double click count once."""
    invoice = queries.invoice(invoice_id)
    try:
        amount = cents(request.form.get("amount", ""))
    except ValueError:
        raise Refused(_l("Enter an amount such as 1150 or 1 150,00.")) from None
    if amount > invoice.due_cents:
        raise Refused(_l("This is more than what is still owed."))
    commands.pay(invoice, amount, "transfer", f"transfer:{request.form.get('reference', '')[:64]}")
    flash(_("Recorded."), "ok")
    return redirect(url_for("invoices.show", invoice_id=invoice_id), 303)


@bp.get("/invoices/<uuid:invoice_id>/document.pdf")
@open_to(*READERS)
def document(invoice_id: UUID) -> Response:
    return _document(invoice_id)


@bp.get("/w/<workspace>/invoices")
@open_to(HR_OF_ALL, *READERS)
def client_index(workspace: str) -> str:
    return render_template("billing/client_invoices.html", page=paged(queries.invoices()))


@bp.get("/w/<workspace>/invoices/<uuid:invoice_id>")
@open_to(HR_OF_ALL, *READERS)
def client_show(workspace: str, invoice_id: UUID) -> str:
    return render_template("billing/client_invoice.html", invoice=queries.invoice(invoice_id), done=request.args.get("paid"))


@bp.get("/w/<workspace>/invoices/<uuid:invoice_id>/document.pdf")
@open_to(HR_OF_ALL, *READERS)
def client_document(workspace: str, invoice_id: UUID) -> Response:
    return _document(invoice_id)


def _document(invoice_id: UUID) -> Response:
    invoice = queries.invoice(invoice_id)
    if invoice.document_id is None:
        abort(404)
    pdf = content_of(queries.document(invoice.document_id))
    return send_file(io.BytesIO(pdf), "application/pdf", as_attachment=True, download_name=f"{invoice.number}.pdf")
