"""The shape of what staff and HR type about seats, budgets and rules of enrolment."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, RadioField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from saas.kit.money import MoneyField
from saas.kit.options import options


class CreditForm(FlaskForm):
    """A movement of prepaid seats."""

    kind = RadioField(
        _l("What happened"), choices=options([("bought", _l("Seats were bought")), ("corrected", _l("A correction"))]),
        default="bought",
    )  # fmt: skip
    quantity = IntegerField(
        _l("Seats"), [InputRequired(_l("Enter a number."))], description=_l("A correction may be negative: -2.")
    )
    expires_on = DateField(_l("Usable until"), [Optional()], description=_l("For seats bought. Empty: without a limit."))
    note = StringField(_l("Note"), [Optional(), Length(max=200)], description=_l("The client reads it. A correction needs one."))


class BudgetForm(FlaskForm):
    """What a client means to spend in a year."""

    amount = MoneyField(_l("Budget excl. VAT (€)"), [InputRequired(_l("Enter an amount."))])


class CeilingForm(FlaskForm):
    """How many seats one client may hold in a session."""

    ceiling = IntegerField(_l("Seats at most"), [Optional(), NumberRange(0, 1000)], description=_l("Empty: no limit of its own."))
