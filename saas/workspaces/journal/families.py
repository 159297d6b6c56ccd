"""Acts of the journal by what they are about, and those that its pages leave to the person who did them."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from saas.kit import words

# A family, what its filter says, and how the keys of its acts begin. The first that fits counts.
FAMILIES = {
    "people": (_l("People"), ("member.", "people.", "import.", "invitation.")),
    "access": (
        _l("Sign-ins and security"),
        (
            "sign_in.", "sign_ins.", "password.", "factor.", "second_factor.", "totp.", "recovery.", "sso.", "connection.", "domain.",
            "account.", "device.", "policy.", "security.", "limit.", "journal.", "firm.second_factor", "staff.factor_dropped",
        ),
    ),
    "privacy": (_l("Personal data"), ("privacy.", "person.", "data.", "correction.", "erasure.", "retention.", "hold.")),
    "firm": (_l("Firm and staff"), ("firm.", "staff.", "trainer.")),
    "clients": (_l("Clients"), ("workspace.", "clients.", "client.", "party.", "message.")),
    "catalogue": (_l("Programmes"), ("programme.", "programmes.", "catalogue.", "offer.")),
    "sessions": (_l("Sessions"), ("session.", "venue.", "absence.added", "absence.removed", "calendar.")),
    "seats": (
        _l("Seats"),
        (
            "enrolment.", "enrolments.", "placeholder.", "placeholders.", "credits.", "budget.", "absence.announced",
            "absence.taken_back", "needs.", "wish.",
        ),
    ),
    "delivery": (_l("Attendance and certificates"), ("attendance.", "certificate.")),
    "money": (_l("Invoices"), ("invoice.", "payment.")),
    "letters": (_l("Mails"), ("letter.",)),
    "community": (_l("Community"), ("space.", "zone.")),
}  # fmt: skip
# Who is in which community is nobody's business outside it, the firm's and HR's neither.
UNSHOWN = ("zone.joined", "zone.left")


def family_of(action: str) -> str:
    """The family of an act; "" when none is named for it, which a test notices."""
    return next((name for name, (_label, starts) in FAMILIES.items() if action.startswith(starts)), "")


def acts_of(family: str) -> list[str]:
    """The keys of the acts of a family."""
    return [action for action in words.ACTS if family_of(action) == family]
