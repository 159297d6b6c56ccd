"""Numbers that carry their own proof. Each function gives the number as it is stored, or raises ValueError."""

from __future__ import annotations

import re

from saas.kit.names import luhn

LENGTHS = {"FR": 27, "DE": 22, "BE": 16, "LU": 20, "ES": 24, "IT": 27, "NL": 18, "PT": 25, "CH": 21, "IE": 22, "MC": 27, "GB": 22}


def tight(text: str) -> str:
    """A number without the blanks, dots and dashes that people put between its signs."""
    return re.sub(r"[\s.\u00a0\u202f-]", "", text)


def _compact(text: str) -> str:
    return tight(text).upper()


def vat_of(siren: str) -> str:
    """The VAT number that a French company has by its SIREN, nine digits (CGI ann. II, 294 bis and following)."""
    return f"FR{(12 + 3 * (int(siren) % 97)) % 97:02d}{siren}"


def siret(text: str) -> str:
    """14 digits with the check digit of INSEE (ISO/IEC 7812-1)."""
    digits = _compact(text)
    if not re.fullmatch(r"\d{14}", digits) or not luhn(digits):
        raise ValueError(text)
    return digits


def vat_number(text: str, siren: str = "") -> str:
    """A French VAT number: FR, the key, the SIREN (that of the firm when it is given)."""
    said = _compact(text)
    if not re.fullmatch(r"FR\d{11}", said) or said != vat_of(said[4:]) or (siren and said[4:] != siren):
        raise ValueError(text)
    return said


def iban(text: str) -> str:
    """An IBAN (ISO 13616): its country's length where we know it, and 1 modulo 97."""
    said = _compact(text)
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", said) or len(said) != LENGTHS.get(said[:2], len(said)):
        raise ValueError(text)
    if int("".join(str(int(c, 36)) for c in said[4:] + said[:4])) % 97 != 1:
        raise ValueError(text)
    return said


def bic(text: str) -> str:
    """A BIC (ISO 9362): 8 or 11 characters."""
    said = _compact(text)
    if not re.fullmatch(r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?", said):
        raise ValueError(text)
    return said


def activity_number(text: str) -> str:
    """A training firm's declaration number: 11 digits (Corsica writes 2A or 2B), grouped as prefects print them."""
    said = _compact(text)
    if not re.fullmatch(r"\d{2}(\d{2}|2[AB])\d{7}", said):
        raise ValueError(text)
    return f"{said[:2]} {said[2:4]} {said[4:9]} {said[9:]}"


def fours(text: str) -> str:
    """A long number in groups of four, as banks print an IBAN."""
    return "\u00a0".join(text[i : i + 4] for i in range(0, len(text), 4))
