"""Writes of programmes and their versions, in firm scope."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from saas.catalogue.models import Programme, ProgrammeVersion
from saas.kit.clock import now
from saas.kit.errors import Refused
from tenants.db import db, new_id


def publish_programme(reference: str, title: dict[str, str], texts: dict[str, Any], **facts: Any) -> ProgrammeVersion:
    """Add a programme with its first version, published. Raises Refused when the reference is taken."""
    if db.session.scalar(select(Programme.id).where(Programme.reference == reference)):
        raise Refused(_l("Another programme has this reference."), "reference")
    visibility = facts.pop("visibility", "offered")
    programme = Programme(id=new_id(), reference=reference, state="published", visibility=visibility)
    db.session.add(programme)
    db.session.flush()
    version = ProgrammeVersion(
        id=new_id(), programme_id=programme.id, number=1, title=title, texts=texts, published_at=now(), **facts
    )
    db.session.add(version)
    db.session.flush()
    return version
