"""What a firm says of itself."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from saas.kit.errors import Refused
from saas.workspaces.models import FirmProfile
from tenants.db import db

FACTS = {
    "legal_name": _l("legal name"), "siret": "SIRET", "activity_number": _l("activity declaration number"),
    "activity_region": _l("region of the declaration"), "street": _l("street"), "postcode": _l("postcode"),
    "city": _l("city"), "iban": "IBAN", "signatory": _l("name of who signs"),
}  # fmt: skip


def profile_with(*facts: str) -> FirmProfile:
    """Firm scope: what documents say of the firm. Raises Refused, in words, while one of these facts is not said yet."""
    profile = db.session.scalar(select(FirmProfile)) or FirmProfile()
    if lacks := [str(FACTS[fact]) for fact in facts if not getattr(profile, fact)]:
        raise Refused(_l("The firm's profile lacks: %(what)s.", what=", ".join(lacks)))
    return profile
