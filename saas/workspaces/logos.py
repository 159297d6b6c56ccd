"""A client's logo: a small PNG or JPEG, told by its first bytes, kept under a name that tells nothing."""

from __future__ import annotations

from pathlib import PurePosixPath

from flask_babel import lazy_gettext as _l

from saas.kit import storage, uploads
from saas.kit.errors import Refused
from tenants.db import new_id

MAX_BYTES = 512 * 1024


def keep(content: bytes) -> str:
    """Store a logo and give its key. Raises Refused when it is too large, or is not what it should be."""
    if len(content) > MAX_BYTES:
        raise Refused(_l("This picture is larger than 512 KB. Save a smaller one."), "logo")
    suffix = uploads.kind_of(content, uploads.PICTURES)
    if suffix is None:
        raise Refused(_l("This is neither a PNG nor a JPEG picture."), "logo")
    key = storage.key_for(new_id(), suffix)
    storage.put(key, content)
    return key


def stamp(key: str) -> str:
    """What a logo's address carries, so that it may be kept for ever: another picture has another one."""
    return PurePosixPath(key).stem[-12:]
