"""Reads of the firm itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from saas.kit import formats
from saas.workspaces.facts import FACTS, NEEDS
from saas.workspaces.models import USUAL_CANCELLATION, FirmProfile
from tenants.db import db
from tenants.models import Firm


def own_firm() -> Firm:
    """The firm of this scope."""
    return db.session.scalars(select(Firm)).one()


def own_profile() -> FirmProfile | None:
    """Firm or workspace scope: what the firm says of itself; None while it has said nothing."""
    return db.session.scalar(select(FirmProfile))


def cancellation_terms() -> list[list[int]]:
    """Firm or workspace scope: [[days before the start, percent due], …] as they are today; an enrolment freezes them."""
    return db.session.scalar(select(FirmProfile.cancellation)) or [list(step) for step in USUAL_CANCELLATION]


@dataclass(frozen=True, slots=True)
class EnrolmentRules:
    """What a firm settled on for enrolments: hours that a free seat is kept, days before the start by which seats have names."""

    offer_hours: int = 48
    names_days: int = 5


def enrolment_rules() -> EnrolmentRules:
    """Firm or workspace scope: the rules as they are today."""
    row = db.session.execute(select(FirmProfile.offer_hours, FirmProfile.names_days)).first()
    return EnrolmentRules(*row) if row else EnrolmentRules()


def missing(profile: FirmProfile) -> Mapping[str, Sequence[str]]:
    """What each kind of document still lacks, as names of facts; nothing when it can be made."""
    return {kind: [fact for fact in facts if not getattr(profile, fact)] for kind, facts in NEEDS.items()}


def in_words(facts: Sequence[str]) -> str:
    """Names of facts for the reader."""
    return ", ".join(str(FACTS[fact]) for fact in facts)


def sentences(steps: Sequence[Sequence[int]]) -> list[str]:
    """Cancellation terms as people read them, the earliest first."""
    said: list[str] = []
    before = None
    for days, percent in steps:
        said.append(str(_sentence(days, percent, before)))
        before = days
    return said


def _sentence(days: int, percent: int, before: int | None) -> Any:
    """One step: from the day before the last step's to `days`; the first one reaches as far back as one likes."""
    share, last = formats.percent(percent / 100), _days(days)
    if before is None:
        if not percent:
            return (
                _("Free of charge until %(last)s before the start.", last=last) if days else _("Free of charge until the start.")
            )
        if not days:
            return _("%(share)s of the price, whenever one withdraws.", share=share)
        return _("%(share)s of the price until %(last)s before the start.", share=share, last=last)
    if days == 0 and before == 1:
        return _("%(share)s of the price on the day itself.", share=share)
    if days == 0:
        return _("%(share)s of the price from %(first)s before, until the start.", share=share, first=_days(before - 1))
    if before - 1 == days:
        return _("%(share)s of the price %(last)s before.", share=share, last=last)
    return _("%(share)s of the price from %(first)s to %(last)s before.", share=share, first=_days(before - 1), last=last)


def _days(number: int) -> str:
    return str(ngettext("%(num)s day", "%(num)s days", number))
