"""A French company's numbers as people type them: SIREN, SIRET, VAT number, e-invoicing address. Empty is allowed."""

from __future__ import annotations

import re

from flask_babel import lazy_gettext as _l

from saas.kit.checks import tight, vat_of
from saas.kit.errors import Refused
from saas.kit.names import luhn

LA_POSTE = "356000000"
FOREIGN_VAT = re.compile(r"^[A-Z]{2}[0-9A-Z+*]{2,12}$")
# SIREN, then if wanted SIRET and a routing code (AFNOR XP Z12-012); or any Peppol address with its scheme.
EINVOICE = re.compile(r"^(\d{9}(_[0-9A-Za-z+@./-]+)*|\d{4}:[0-9A-Za-z][0-9A-Za-z+@._/-]*)$")


def is_siret(digits: str) -> bool:
    """Whether 14 digits bear their check digit; La Poste's own add up to a multiple of five instead."""
    if len(digits) != 14 or not digits.isdigit():
        return False
    return luhn(digits) or (digits.startswith(LA_POSTE) and sum(map(int, digits)) % 5 == 0)


def siren(text: str, field: str = "siren") -> str:
    """The nine digits of a company. Raises Refused."""
    digits = tight(text)
    if digits and not (len(digits) == 9 and luhn(digits)):
        raise Refused(_l("This SIREN has a wrong check digit: 9 digits, as on the company's Kbis."), field)
    return digits


def siret(text: str, company: str = "", field: str = "siret") -> str:
    """The fourteen digits of a place of business, of this company (a SIREN) when one is given. Raises Refused."""
    digits = tight(text)
    if digits and not is_siret(digits):
        raise Refused(_l("This SIRET has a wrong check digit: 14 digits, as on the company's Kbis."), field)
    if digits and company and not digits.startswith(company):
        raise Refused(_l("This SIRET is another company's: it must start with the SIREN %(siren)s.", siren=company), field)
    return digits


def vat(text: str, company: str = "", field: str = "vat_number") -> str:
    """A VAT number; a French one must bear its key, and be this company's (a SIREN) when one is given. Raises Refused."""
    number = tight(text).upper()
    if not number:
        return ""
    if not number.startswith("FR"):
        if not FOREIGN_VAT.match(number):
            raise Refused(_l("This is no VAT number: FR, two signs, then the SIREN."), field)
        return number
    key, own = number[2:4], number[4:]
    if not (len(own) == 9 and luhn(own) and key.isalnum()):
        raise Refused(_l("This is no VAT number: FR, two signs, then the SIREN."), field)
    if company and own != company:
        raise Refused(_l("This VAT number is another company's: %(right)s is this one's.", right=vat_of(company)), field)
    if key.isdigit() and number != vat_of(own):
        raise Refused(_l("This VAT number has a wrong key: it should be %(right)s.", right=vat_of(own)), field)
    return number


def einvoice(text: str, field: str = "einvoice_address") -> str:
    """An e-invoicing address: SIREN, SIREN_SIRET, or with a routing code. Raises Refused."""
    address = "".join(text.split())
    digits = address.partition(":")[2] or address
    if address and not (EINVOICE.match(address) and (not digits[:9].isdigit() or luhn(digits[:9]))):
        raise Refused(_l("Enter an e-invoicing address such as 732829320 or 732829320_73282932000074."), field)
    return address
