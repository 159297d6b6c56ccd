"""Documents people keep: typeset by typst from frozen data, archived with their hash. A document never changes."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

import typst
from sqlalchemy import Index, func
from sqlalchemy.orm import Mapped, mapped_column

from saas.kit import storage
from tenants.db import Model, Shared, db, new_id

PROOF = Path(__file__).parent / "typst" / "picture.typ"


class Document(Shared, Model):
    """One archived file: what it is, of what, and the SHA-256 of its bytes."""

    kind: Mapped[str]
    subject_id: Mapped[UUID]
    filename: Mapped[str]
    key: Mapped[str]
    sha256: Mapped[str]
    size: Mapped[int]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    __table_args__ = (Index(None, "firm_id", "workspace_id", "kind", "subject_id"),)


@lru_cache(maxsize=32)
def _compiler(template: Path) -> typst.Compiler:
    # A kept compiler renders in milliseconds; a new one costs five times more.
    return typst.Compiler(template, root=template.parent)


def render(template: Path, data: dict[str, Any], logo: str = "") -> bytes:
    """Typeset a .typ file as PDF/A-2b. The file reads `data` as JSON from ``sys.inputs.data``.

    `logo` is the storage key of a picture, which it reads as a list of bytes from ``sys.inputs.logo``: typst takes texts
    only, and knows no base64. The same data and picture give the same bytes.
    """
    picture = json.dumps(list(storage.get(logo)) if logo else [])
    said = {"data": json.dumps(data, ensure_ascii=False, default=str), "logo": picture}
    pdf = _compiler(template).compile(format="pdf", sys_inputs=said, pdf_standards=["a-2b"])
    if not isinstance(pdf, bytes):
        raise TypeError("typst gave no document")
    return pdf


def can_show(picture: bytes) -> bool:
    """Whether documents can carry a picture: a broken one would stand in the way of every invoice."""
    try:
        _compiler(PROOF).compile(format="pdf", sys_inputs={"logo": json.dumps(list(picture))}, pdf_standards=["a-2b"])
    except typst.TypstError:
        return False
    return True


class Archived(Protocol):
    """What names a file of the archive."""

    @property
    def key(self) -> str: ...
    @property
    def sha256(self) -> str: ...


def archive(
    kind: str, subject_id: UUID, filename: str, content: bytes, *, version: int = 1, workspace_id: UUID | None = None
) -> Document:
    """Keep a file for good, for the scope in hand, or (in firm scope) for one of its workspaces."""
    file_id = new_id()
    key = storage.key_for(file_id, Path(filename).suffix)
    storage.put(key, content)
    document = Document(
        id=file_id, kind=kind, subject_id=subject_id, filename=filename, key=key, version=version,
        sha256=hashlib.sha256(content).hexdigest(), size=len(content),
    )  # fmt: skip
    if workspace_id is not None:
        document.workspace_id = workspace_id
    db.session.add(document)
    db.session.flush()
    return document


def content_of(document: Archived) -> bytes:
    """The bytes of a document. Raises ValueError when the store gives other bytes than were archived."""
    content = storage.get(document.key)
    if hashlib.sha256(content).hexdigest() != document.sha256:
        raise ValueError(f"{document.key} does not match its hash")
    return content
