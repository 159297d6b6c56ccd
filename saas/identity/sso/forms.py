"""The shape of what is typed to connect a directory."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, FieldList, Form, FormField, PasswordField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from saas.kit.options import options

KINDS = {
    "entra": _l("Microsoft Entra ID"), "google": _l("Google Workspace"), "okta": _l("Okta"), "keycloak": _l("Keycloak"),
    "other": _l("Another one"),
}  # fmt: skip
ROLES = {"hr": _l("HR"), "sponsor": _l("Sponsor")}


class BeginForm(FlaskForm):
    """Which provider, and what people call it."""

    kind = RadioField(_l("Who manages your people’s accounts?"), choices=options(KINDS.items()), default="entra")
    label = StringField(
        _l("What your people call it"),
        [InputRequired(_l("Say what your people call this directory.")), Length(max=80)],
        description=_l("On the button they sign in with, for example “my company account”."),
    )


class ProviderForm(FlaskForm):
    """What the provider gave."""

    label = StringField(
        _l("What your people call it"), [InputRequired(_l("Say what your people call this directory.")), Length(max=80)]
    )
    issuer = StringField(
        _l("Issuer address"), [InputRequired(_l("Enter the issuer's address.")), Length(max=400)],
        render_kw={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"},
    )  # fmt: skip
    client_id = StringField(
        _l("Client ID"), [InputRequired(_l("Enter the client ID.")), Length(max=400)],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )  # fmt: skip
    secret = PasswordField(_l("Client secret"), [Optional(), Length(max=2000)], render_kw={"autocomplete": "off"})


class PersonForm(FlaskForm):
    """Whose link is to be forgotten."""

    email = EmailField(_l("E-mail address"), [InputRequired(_l("Enter an e-mail address.")), Length(max=254)])


class DomainForm(FlaskForm):
    """A domain to prove."""

    domain = StringField(
        _l("E-mail domain"), [InputRequired(_l("Enter a domain such as company.com.")), Length(max=253)],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )  # fmt: skip


class ValueForm(Form):
    """One value of the claim and the role it gives."""

    value = StringField(_l("Value"), render_kw={"maxlength": 120})
    role = SelectField(_l("Role"), choices=options(ROLES.items()), validate_choice=False)  # what is no role gives nothing


class RolesForm(FlaskForm):
    """Which claim says who somebody is, and what its values give."""

    claim = StringField(
        _l("Claim"), [Optional(), Length(max=120)], description=_l("Often groups or roles."),
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )  # fmt: skip
    values = FieldList(FormField(ValueForm), min_entries=3, max_entries=20)

    def mapping(self) -> Mapping[str, str]:
        """Value → role."""
        return {line.value.data.strip(): line.role.data for line in self.values if (line.value.data or "").strip()}
