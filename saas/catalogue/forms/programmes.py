"""What staff type about a programme: its wording in both languages side by side, its facts, and who may see it."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import FieldList, Form, FormField, HiddenField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, NumberRange, Optional, ValidationError
from wtforms.widgets import TextInput

from saas.catalogue.commands.versions import LONGEST, Wording
from saas.catalogue.models import ProgrammeVersion
from saas.catalogue.texts import BPF_CLASSES, CODES, KINDS, VATS, lines
from saas.kit.i18n import LANGUAGES
from saas.kit.money import MoneyField
from saas.kit.options import CheckListField, Expected, options

MODALITIES = [("onsite", _l("on site")), ("remote", _l("remote")), ("blended", _l("blended"))]
IN = {"fr": _l("in French"), "en": _l("in English")}


class HoursField(StringField):
    """A length in hours as people write it (14 or 3,5); `data` is minutes."""

    widget = TextInput()

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return f"{self.data / 60:g}".replace(".", ",") if self.data else ""

    def process_formdata(self, valuelist: list[Any]) -> None:
        said = (valuelist[0] if valuelist else "").strip().lower().removesuffix("h").strip().replace(",", ".")
        self.data: Any = 0
        if not said:
            return
        try:
            hours = Decimal(said)
        except InvalidOperation:
            hours = Decimal(-1)
        if not hours.is_finite() or not 0 <= hours <= 5000:
            raise ValidationError(_l("Enter a number of hours such as 14 or 3,5."))
        self.data = round(hours * 60)


def _label(what: Any, code: str) -> Any:
    return _l("%(what)s, %(where)s", what=what, where=IN[code])


def _area(what: Any, code: str, rows: int) -> TextAreaField:
    return TextAreaField(_label(what, code), [Expected()], render_kw={"lang": code, "rows": rows})


class PartForm(Form):
    """One part of the content."""

    title_fr = StringField(_label(_l("Part"), "fr"), [Expected()], render_kw={"lang": "fr"})
    title_en = StringField(_label(_l("Part"), "en"), [Expected()], render_kw={"lang": "en"})
    content_fr = _area(_l("What is in it"), "fr", 4)
    content_en = _area(_l("What is in it"), "en", 4)


class EditorForm(FlaskForm):
    """A programme's wording. Texts are the fields `<name>_fr` and `<name>_en`; `revision` is what the editor started from."""

    revision = HiddenField(default="0")
    reference = StringField(_l("Reference"), [InputRequired(_l("Enter a reference."))])
    title_fr = StringField(_label(_l("Title"), "fr"), [Expected()], render_kw={"lang": "fr"})
    title_en = StringField(_label(_l("Title"), "en"), [Expected()], render_kw={"lang": "en"})
    objectives_fr = _area(_l("Objectives"), "fr", 6)
    objectives_en = _area(_l("Objectives"), "en", 6)
    modules = FieldList(FormField(PartForm))
    hours = HoursField(_l("Hours"), [Expected()], render_kw={"inputmode": "decimal"})
    half_days = IntegerField(_l("Half-days"), [InputRequired(_l("Enter a number.")), NumberRange(1, 400)], default=2)
    modality = SelectField(_l("Form"), choices=options(MODALITIES))
    languages = CheckListField(_l("Given in"), choices=options(LANGUAGES.items()), default=["fr"])
    min_group = IntegerField(_l("Smallest group"), [InputRequired(_l("Enter a number.")), NumberRange(1, 1000)], default=4)
    max_group = IntegerField(_l("Largest group"), [InputRequired(_l("Enter a number.")), NumberRange(1, 1000)], default=12)
    price_seat = MoneyField(_l("Price per seat excl. VAT (€)"), [Expected()])
    price_group = MoneyField(_l("Price per group excl. VAT (€)"), [Expected()])
    vat = SelectField(_l("VAT"), choices=options(VATS))
    nsf_code = StringField(
        _l("NSF code"), [Optional()], description=_l("Three digits and perhaps a letter, such as 310 or 315p.")
    )
    bpf_class = SelectField(_l("Objective in the BPF"), choices=options(BPF_CLASSES))

    def validate_languages(self, field: CheckListField) -> None:
        if not field.data:
            raise ValidationError(_l("Tick one language at least."))

    def validate_nsf_code(self, field: StringField) -> None:
        code = (field.data or "").strip().lower()
        if code and not (code[:3].isdigit() and len(code) in (3, 4) and (len(code) == 3 or code[3].isalpha())):
            raise ValidationError(_l("An NSF code is three digits and perhaps a letter, such as 310 or 315p."))

    def validate_modules(self, field: FieldList) -> None:
        if any(len(entry.form[name].data or "") > LONGEST for entry in field for name in PartForm.names()):
            raise ValidationError(_l("This text is too long."))

    def wording(self, act: str = "") -> Wording:
        """What is typed, with its parts moved as a button asks: ``up-1``, ``down-0``, ``drop-2``."""
        texts: dict[str, Any] = {kind.name: self._both(kind.name) for kind in KINDS}
        texts["objectives"] = _paired({code: lines(self[f"objectives_{code}"].data or "") for code in CODES})
        texts["modules"] = _moved([_part(entry.form) for entry in self.modules], act)
        facts = {
            "minutes": self.hours.data or 0, "days": self.half_days.data, "modality": self.modality.data, "min_group": self.min_group.data,
            "max_group": self.max_group.data, "price_seat_cents": self.price_seat.data or 0,
            "price_group_cents": self.price_group.data or 0, "vat": self.vat.data, "nsf_code": (self.nsf_code.data or "").strip().lower(),
            "bpf_class": self.bpf_class.data, "languages": [code for code in LANGUAGES if code in self.languages.data],
        }  # fmt: skip
        return Wording(self._both("title"), texts, facts)

    def _both(self, name: str) -> dict[str, str]:
        return {code: (self[f"{name}_{code}"].data or "").replace("\r\n", "\n").strip() for code in CODES}


PartForm.names = staticmethod(lambda: ("title_fr", "title_en", "content_fr", "content_en"))
for _kind in KINDS:
    for _code in CODES:
        setattr(EditorForm, f"{_kind.name}_{_code}", _area(_kind.label, _code, _kind.rows))


def _part(form: Any) -> dict[str, dict[str, str]]:
    return {
        part: {code: (form[f"{part}_{code}"].data or "").replace("\r\n", "\n").strip() for code in CODES}
        for part in ("title", "content")
    }


def _paired(said: dict[str, list[str]]) -> list[dict[str, str]]:
    """Lines of both languages, the first with the first."""
    longest = max(len(rows) for rows in said.values())
    return [{code: rows[n] for code, rows in said.items() if n < len(rows)} for n in range(longest)]


def _moved(parts: list[Any], act: str) -> list[Any]:
    verb, _dash, place = act.partition("-")
    n = int(place) if place.isdigit() else -1
    if not 0 <= n < len(parts):
        return parts
    if verb == "drop":
        return parts[:n] + parts[n + 1 :]
    to = {"up": n - 1, "down": n + 1}.get(verb, n)
    if 0 <= to < len(parts):
        parts[n], parts[to] = parts[to], parts[n]
    return parts


def values_of(version: ProgrammeVersion, reference: str) -> dict[str, Any]:
    """What the editor starts with for a version: one empty part at the end, to write the next one in."""
    texts = version.texts
    found: dict[str, Any] = {
        "revision": version.revision, "reference": reference, "hours": version.minutes, "half_days": version.days,
        "price_seat": version.price_seat_cents or None, "price_group": version.price_group_cents or None,
    }  # fmt: skip
    for name in ("modality", "languages", "min_group", "max_group", "vat", "nsf_code", "bpf_class"):
        found[name] = getattr(version, name)
    for code in CODES:
        found[f"title_{code}"] = version.title.get(code, "")
        found[f"objectives_{code}"] = "\n".join(row.get(code, "") for row in texts.get("objectives", []))
        found |= {f"{kind.name}_{code}": texts.get(kind.name, {}).get(code, "") for kind in KINDS}
    found["modules"] = [
        {f"{part}_{code}": module.get(part, {}).get(code, "") for part in ("title", "content") for code in CODES}
        for module in [*texts.get("modules", []), {}]
    ]
    return found


class VisibilityForm(FlaskForm):
    """Who may see a programme."""

    visibility = RadioField(
        _l("Who may see it"),
        choices=options(
            [
                ("public", _l("everybody: it is in the public catalogue")),
                ("offered", _l("the clients it is offered to")),
                ("tailored", _l("one client: it is made to measure")),
            ]
        ),
    )
    tailored_for = SelectField(_l("Made for"), validators=[Optional()])

    def client(self) -> UUID | None:
        """The client it is made for, when there is one."""
        return UUID(self.tailored_for.data) if self.tailored_for.data else None
