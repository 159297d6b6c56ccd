"""What staff type to offer a programme, or to open a session to a client."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from saas.catalogue.commands.offers import Terms
from saas.kit.money import MoneyField
from saas.kit.options import CheckListField, options

BASES = [("seat", _l("per seat")), ("group", _l("per group"))]


class LinkForm(FlaskForm):
    """Open a session to a client."""

    workspace = SelectField(_l("Client"), validators=[InputRequired(_l("Choose a client."))])
    price = MoneyField(_l("Price excl. VAT (€)"), [InputRequired(_l("Enter a price."))])
    basis = SelectField(_l("Basis"), choices=options(BASES))


class OfferForm(FlaskForm):
    """The terms on which a client has a programme in its catalogue."""

    price = MoneyField(_l("Price excl. VAT (€)"), [InputRequired(_l("Enter a price."))])
    basis = SelectField(_l("Basis"), choices=options(BASES))
    starts_on = DateField(_l("From"), [Optional()], description=_l("Empty: at once."))
    until_on = DateField(_l("Until"), [Optional()], description=_l("Empty: until you end it."))
    title_fr = StringField(
        _l("Title for this client, in French"),
        [Optional(), Length(max=160)],
        description=_l("Only where the client calls it otherwise."),
        render_kw={"lang": "fr"},
    )
    title_en = StringField(
        _l("Title for this client, in English"),
        [Optional(), Length(max=160)],
        description=_l("Only where the client calls it otherwise."),
        render_kw={"lang": "en"},
    )

    def terms(self) -> Terms:
        """What is typed, as the commands take it."""
        title = {"fr": self.title_fr.data or "", "en": self.title_en.data or ""}
        return Terms(self.price.data, self.basis.data, self.starts_on.data, self.until_on.data, title)


class OffersForm(OfferForm):
    """The same, for several clients at once."""

    clients = CheckListField(_l("Clients"))

    def validate_clients(self, field: CheckListField) -> None:
        if not field.data:
            raise ValidationError(_l("Tick one client at least."))
