"""What documents must say of the firm, and what each of these facts is called."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

FACTS = {
    "legal_name": _l("legal name"), "siret": "SIRET", "activity_number": _l("activity declaration number"),
    "activity_region": _l("region of the declaration"), "street": _l("street"), "postcode": _l("postcode"),
    "city": _l("city"), "iban": "IBAN", "signatory": _l("name of who signs"),
}  # fmt: skip
# What a document must say of the firm: CGI ann. II, 242 nonies A; model of the order of 21 Dec. 2018; C. trav. L6353-1.
NEEDS = {
    "invoice": ("legal_name", "siret", "activity_number", "activity_region", "street", "postcode", "city", "iban"),
    "certificate": ("legal_name", "siret", "activity_number", "activity_region", "signatory", "city"),
    "agreement": ("legal_name", "siret", "activity_number", "activity_region", "street", "postcode", "city", "signatory"),
}
