"""The facts of the privacy page: from the firm's profile, the settings in force, and what features declare. No figure is typed here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from saas.identity.commands.signing import IDLE, SIGN_IN_LIVES, STAFF_SIGN_IN_LIVES
from saas.identity.entering import YEAR
from saas.kit.personal import REGISTRY, Part
from saas.kit.retention import KEPT, Keep
from tenants.scope import Kind

# GDPR, article 6.1: b, c, f. Training files rest on none of consent.
BASES = {
    "contract": _l("contract (GDPR art. 6.1 b)"), "duty": _l("legal duty (GDPR art. 6.1 c)"),
    "interest": _l("legitimate interest (GDPR art. 6.1 f)"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cookie:
    """A cookie that is set: its name, what it is for, how long it lives."""

    name: str
    why: str
    life: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A line of the table of retention."""

    entry: Keep
    said: str


def _days(number: int) -> str:
    return str(ngettext("%(num)s day", "%(num)s days", number))


def cookies(config: Mapping[str, Any]) -> list[Cookie]:
    """All that this product sets, none of which asks for consent (law 78-17, art. 82): they do what the reader asks for."""
    hours = int(STAFF_SIGN_IN_LIVES.total_seconds() // 3600)
    lives = _(
        "%(long)s at most, %(idle)s without use; %(hours)s hours for the firm's staff", long=_days(SIGN_IN_LIVES.days),
        idle=_days(IDLE.days), hours=hours,
    )  # fmt: skip
    return [
        Cookie(config["SIGN_IN_COOKIE"], _("keeps you signed in"), lives),
        Cookie(config["SESSION_COOKIE_NAME"], _("protects the forms you send"), _("until the browser is closed")),
        Cookie(
            config["BROWSER_COOKIE"],
            _("recognises this browser, so that a sign-in from a new one is told to you"),
            _days(YEAR // 86400),
        ),
        Cookie("language", _("remembers the language you chose"), _days(YEAR // 86400)),
    ]


def services(config: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(what, who) of the outside services that the settings name: nothing is listed that is not in use."""
    found = []
    mail = urlsplit(config["MAIL_URL"])
    if mail.scheme != "sandbox":
        found.append((_("Sending of mails"), mail.hostname or ""))
    if config["STRIPE_URL"] != "sandbox:":
        where = urlsplit(config["STRIPE_URL"]).hostname or _("Stripe Payments Europe Ltd, Ireland")
        found.append((_("Payment of invoices by card: the company's, never a trainee's"), where))
    return found


def retention(evidence_years: int) -> list[Kept]:
    """How long each kind of thing is kept, as declared; the firm says itself for how long it keeps its proofs."""
    return [
        Kept(entry, str(ngettext("%(num)s year", "%(num)s years", evidence_years)) if entry.key == "evidence" else entry.said())
        for entry in KEPT.values()
    ]


def categories(*, of_staff: bool) -> Sequence[Part]:
    """Kinds of data of members (and of their account), or of the firm's staff."""
    kinds = {Kind.FIRM} if of_staff else {Kind.PLATFORM, Kind.WORKSPACE, Kind.COMMUNITY}
    return [part for part in REGISTRY.parts if part.within in kinds]


def facts(controller: Mapping[str, Any]) -> dict[str, Any]:
    """All that the page says, but for the words around it."""
    config = current_app.config
    address = " ".join(part for part in (controller["street"], controller["postcode"], controller["city"]) if part)
    return {
        "controller": controller, "address": address, "bases": BASES, "categories": categories(of_staff=False),
        "of_staff": categories(of_staff=True), "kept": retention(controller["evidence_years"]), "cookies": cookies(config),
        "services": services(config), "host": urlsplit(config["PUBLIC_URL"]).hostname, "sender": config["MAIL_FROM"],
    }  # fmt: skip
