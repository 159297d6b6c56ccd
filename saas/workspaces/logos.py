"""A client's logo: a small PNG or JPEG, told by its first bytes, kept under a name that tells nothing."""

from __future__ import annotations

from pathlib import PurePosixPath

from flask_babel import lazy_gettext as _l

from saas.kit import storage
from saas.kit.errors import Refused
from tenants.db import new_id

MAX_BYTES = 512 * 1024
KINDS = {".png": "image/png", ".jpg": "image/jpeg"}
SIGNS = {".png": b"\x89PNG\r\n\x1a\n", ".jpg": b"\xff\xd8\xff"}


def keep(content: bytes) -> str:
    """Store a logo and give its key. Raises Refused when it is too large, or is not what it should be."""
    if len(content) > MAX_BYTES:
        raise Refused(_l("This picture is larger than 512 KB. Save a smaller one."), "logo")
    suffix = next((suffix for suffix, sign in SIGNS.items() if content.startswith(sign)), None)
    if suffix is None:
        raise Refused(_l("This is neither a PNG nor a JPEG picture."), "logo")
    key = storage.key_for(new_id(), suffix)
    storage.put(key, content)
    return key


def kind(key: str) -> str:
    """The content type of a logo that was kept."""
    return KINDS[PurePosixPath(key).suffix]


def stamp(key: str) -> str:
    """What a logo's address carries, so that it may be kept for ever: another picture has another one."""
    return PurePosixPath(key).stem[-12:]
