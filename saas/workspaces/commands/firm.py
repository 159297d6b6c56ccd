"""What a firm says of itself. In firm scope."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from saas.kit import checks, documents, journal, storage
from saas.kit.clock import today
from saas.kit.errors import Refused
from saas.kit.names import is_email
from saas.workspaces.commands.clients import checked_colour
from saas.workspaces.facts import FACTS
from saas.workspaces.models import FirmProfile
from tenants.db import db, new_id
from tenants.scope import current_scope


def profile_with(*facts: str) -> FirmProfile:
    """Firm scope: what documents say of the firm. Raises Refused, in words, while one of these facts is not said yet."""
    profile = db.session.scalar(select(FirmProfile)) or FirmProfile()
    if lacks := [str(FACTS[fact]) for fact in facts if not getattr(profile, fact)]:
        raise Refused(_l("The firm's profile lacks: %(what)s.", what=", ".join(lacks)))
    return profile


def profile_to_fill() -> FirmProfile:
    """The firm's own profile, made when there is none. Raises ValueError outside firm scope."""
    known = db.session.scalar(select(FirmProfile).with_for_update())
    if known is None:
        known = FirmProfile(id=current_scope().firm_id, legal_name="")
        db.session.add(known)
        db.session.flush()
    return known


def _checked(text: str, check: Callable[..., str], message: Any, field: str, *more: str) -> str:
    """A number that may be empty, never wrong."""
    if not text.strip():
        return ""
    try:
        return check(text, *more)
    except ValueError:
        raise Refused(message, field) from None


def describe(
    *, legal_name: str, legal_form: str, capital_cents: int, siret: str, activity_number: str, activity_region: str, street: str,
    postcode: str, city: str, email: str, phone: str, website: str, privacy_contact: str = "", evidence_years: int = 6,
) -> None:  # fmt: skip
    """Say who the firm is. Raises Refused on a number, an address or a site that cannot be right."""
    profile = profile_to_fill()
    wrong_siret = _l("This SIRET has a wrong check digit: 14 digits, as on the company's Kbis.")
    profile.siret = _checked(siret, checks.siret, wrong_siret, "siret")
    wrong_number = _l("A declaration number has 11 digits, such as 84 38 01234 38.")
    profile.activity_number = _checked(activity_number, checks.activity_number, wrong_number, "activity_number")
    if profile.siret and profile.vat_number and profile.vat_number[4:] != profile.siret[:9]:
        raise Refused(_l("The VAT number you gave is another company's: it ends with the SIREN of this SIRET."), "siret")
    if email.strip() and not is_email(email):
        raise Refused(_l("Enter an address such as name@company.com."), "email")
    if privacy_contact.strip() and not is_email(privacy_contact):
        raise Refused(_l("Enter an address such as name@company.com."), "privacy_contact")
    profile.privacy_contact, profile.evidence_years = privacy_contact.strip(), evidence_years
    profile.legal_name, profile.legal_form, profile.capital_cents = legal_name.strip(), legal_form.strip(), capital_cents
    profile.activity_region, profile.street, profile.postcode = activity_region.strip(), street.strip(), postcode.strip()
    profile.city, profile.email, profile.phone, profile.website = city.strip(), email.strip(), phone.strip(), _site(website)
    _saved("firm.described", profile)


def _site(text: str) -> str:
    site = text.strip()
    if site and "://" not in site:
        site = f"https://{site}"
    if site and not re.fullmatch(r"https?://[^\s/]+\.[^\s/]+(/\S*)?", site):
        raise Refused(_l("Enter an address such as www.company.com."), "website")
    return site


def tax_and_bank(
    *, vat_regime: str, vat_attested_on: dt.date | None, vat_number: str, iban: str, bic: str
) -> None:  # fmt: skip
    """Say under which VAT regime the firm invoices, and where it is paid. Raises Refused."""
    profile = profile_to_fill()
    if vat_regime == "exempt" and vat_attested_on is None:
        raise Refused(_l("Say when you got the attestation: without it, training is not exempt."), "vat_attested_on")
    if vat_attested_on and vat_attested_on > today():
        raise Refused(_l("An attestation bears a date that has passed."), "vat_attested_on")
    wrong_vat = _l("This VAT number has a wrong key, or is not that of your SIREN: FR, two digits, the SIREN.")
    number = _checked(vat_number, checks.vat_number, wrong_vat, "vat_number", profile.siret[:9])
    if vat_regime == "standard" and not number:
        raise Refused(_l("A firm that charges VAT gives its VAT number on its invoices."), "vat_number")
    profile.iban = _checked(
        iban, checks.iban, _l("This IBAN has a wrong length or check digits: copy it from your bank."), "iban"
    )
    profile.bic = _checked(bic, checks.bic, _l("A BIC has 8 or 11 characters, such as AGRIFRPP."), "bic")
    profile.vat_regime, profile.vat_number = vat_regime, number
    profile.vat_attested_on = vat_attested_on if vat_regime == "exempt" else None
    _saved("firm.billed", profile)


def brand(colour: str, logo: tuple[bytes, str] | None, *, without_logo: bool = False) -> None:
    """Give the firm its colour and, when one is sent, its logo (bytes, suffix). Raises Refused on a broken picture."""
    profile = profile_to_fill()
    profile.colour = checked_colour(colour)
    if logo is not None:
        if not documents.can_show(logo[0]):
            raise Refused(_l("This picture is damaged: save it again as PNG or JPEG."), "logo")
        # The logo before it stays in the store: documents not typeset yet may name it.
        profile.logo = storage.key_for(new_id(), logo[1])
        storage.put(profile.logo, logo[0])
    elif without_logo:
        profile.logo = ""
    _saved("firm.branded", profile)


def texts(*, signatory: str, signatory_title: str, terms: dict[str, str], internal_rules: dict[str, str]) -> None:
    """Say who signs, and the texts that go with agreements, in both languages."""
    profile = profile_to_fill()
    profile.signatory, profile.signatory_title = signatory.strip(), signatory_title.strip()
    profile.terms, profile.internal_rules = _said(terms), _said(internal_rules)
    _saved("firm.texts", profile)


def _said(texts: dict[str, str]) -> dict[str, str]:
    return {language: text.strip() for language, text in texts.items() if text.strip()}


def cancellation(steps: Sequence[tuple[int | None, int | None]]) -> None:
    """Set what a withdrawal costs: (days before the start, percent due), from the earliest. For enrolments to come only.

    Rows without either are left out. Raises Refused, at days_N or percent_N, unless days go down to 0 and percents up.
    """
    kept: list[tuple[int, int]] = []
    for n, (days, percent) in enumerate(steps):
        if days is None and percent is None:
            continue
        if days is None or percent is None:
            raise Refused(_l("Give both, the days and the percentage."), f"{'days' if days is None else 'percent'}_{n}")
        if kept and days >= kept[-1][0]:
            raise Refused(_l("Days go down: fewer than in the line above."), f"days_{n}")
        if not 0 <= percent <= 100 or (kept and percent < kept[-1][1]):
            raise Refused(_l("Percentages go up, from 0 to 100."), f"percent_{n}")
        kept.append((days, percent))
    if not kept or kept[-1][0] != 0:
        raise Refused(_l("The last step starts on day 0: it says what is due until the start."), f"days_{max(len(kept) - 1, 0)}")
    profile = profile_to_fill()
    profile.cancellation = [list(step) for step in kept]
    _saved("firm.cancellation", profile)


def enrolment_rules(*, offer_hours: int | None, names_days: int | None) -> None:
    """Set how long a free seat is kept for the first in line, and when seats must have their names; None leaves it."""
    profile = profile_to_fill()
    profile.offer_hours = offer_hours or profile.offer_hours
    profile.names_days = profile.names_days if names_days is None else names_days


def _saved(act: str, profile: FirmProfile) -> None:
    db.session.flush()
    journal.note(act, profile.legal_name, profile.id)
