"""Amounts as people type them."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import Field
from wtforms.validators import ValidationError
from wtforms.widgets import TextInput


class MoneyField(Field):
    """An amount in euros as people write it (1 150,00 or 1,150.00); `data` is cents."""

    widget = TextInput()

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return f"{self.data / 100:.2f}".replace(".", ",") if self.data is not None else ""

    def process_formdata(self, valuelist: list[Any]) -> None:
        if not valuelist or not valuelist[0].strip():
            return
        try:
            self.data = cents(valuelist[0])
        except ValueError:
            raise ValidationError(_l("Enter an amount such as 1150 or 1 150,00.")) from None


def cents(text: str) -> int:
    """Integer cents of an amount written in French or in English. Raises ValueError."""
    plain = re.sub(r"[\s\u00a0\u202f€]", "", text)
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d{1,2})?", plain):
        plain = plain.replace(",", "")
    try:
        amount = Decimal(plain.replace(",", "."))
    except InvalidOperation:
        raise ValueError(text) from None
    if not amount.is_finite() or not 0 <= amount < 10_000_000 or amount != round(amount, 2):
        raise ValueError(text)
    return int(amount * 100)
