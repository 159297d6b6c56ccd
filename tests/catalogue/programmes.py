"""Wordings that the catalogue's tests start from."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from saas.catalogue.commands.versions import Wording
from saas.catalogue.models import Programme, ProgrammeVersion
from tenants.db import db
from tests.cast import TOLD

FACTS: dict[str, Any] = {
    "minutes": 840, "days": 4, "modality": "onsite", "min_group": 4, "max_group": 12, "price_seat_cents": 115_000,
    "price_group_cents": 690_000, "vat": "exempt", "nsf_code": "310", "bpf_class": "d", "languages": ["fr"],
}  # fmt: skip
FORM = {
    "reference": "ZX-1", "title_fr": "Élever le débat", "title_en": "Raising the debate", "hours": "14", "half_days": "4",
    "modality": "onsite", "languages": ["fr", "en"], "min_group": "4", "max_group": "12", "price_seat": "1 150,00", "price_group": "",
    "vat": "exempt", "nsf_code": "310", "bpf_class": "d", "revision": "1",
}  # fmt: skip


def wording(title: str = "Élever le débat", **facts: Any) -> Wording:
    """A wording that tells everything, in both languages."""
    texts = {**TOLD, "objectives": [{"fr": "Formuler un cap.", "en": "State a direction."}], "modules": []}
    return Wording({"fr": title, "en": f"{title} (en)"}, texts, {**FACTS, **facts})


def newest(reference: str) -> ProgrammeVersion:
    """Firm scope: the newest version of a programme."""
    statement = select(ProgrammeVersion).join(ProgrammeVersion.programme)
    return db.session.scalars(statement.where(Programme.reference == reference, ProgrammeVersion.is_newest)).one()


def id_of(reference: str) -> UUID:
    return newest(reference).id
