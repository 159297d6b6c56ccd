"""What staff type to offer a programme, or to open a session to a client."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField
from wtforms.validators import InputRequired

from saas.kit.money import MoneyField
from saas.kit.options import options

BASES = [("seat", _l("per seat")), ("group", _l("per group"))]


class OfferForm(FlaskForm):
    """Put a programme in a client's catalogue."""

    workspace = SelectField(_l("Client"), validators=[InputRequired(_l("Choose a client."))])
    price = MoneyField(_l("Price excl. VAT (€)"), [InputRequired(_l("Enter a price."))])
    basis = SelectField(_l("Basis"), choices=options(BASES))


class LinkForm(OfferForm):
    """Open a session to a client."""
