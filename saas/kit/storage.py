"""The one door to files: a folder here, an S3-compatible store where there are several machines."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from uuid import UUID

from flask import current_app

from tenants.scope import current_scope


def _root() -> Path:
    return Path(current_app.config["STORAGE_DIR"]).absolute()


def key_for(file_id: UUID, suffix: str) -> str:
    """Where a file of this scope lives: the owner leads, the name tells nothing."""
    scope = current_scope()
    return "/".join(str(part) for part in (scope.firm_id, scope.workspace_id, f"{file_id}{suffix}") if part)


def _path(key: str) -> Path:
    path = (_root() / key).resolve()
    if not path.is_relative_to(_root().resolve()):
        raise ValueError("a file's key leads outside the store")
    return path


def put(key: str, content: bytes) -> None:
    """Write a file whole or not at all."""
    path = _path(key)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as half:
        half.write(content)
        half.flush()
        os.fsync(half.fileno())
    Path(half.name).replace(path)


def get(key: str) -> bytes:
    """A file's content. Raises FileNotFoundError."""
    return _path(key).read_bytes()


def delete(key: str) -> None:
    _path(key).unlink(missing_ok=True)
