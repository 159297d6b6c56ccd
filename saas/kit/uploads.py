"""Files that people send: what they are is read from their first bytes, never from their name."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import FileStorage

from saas.kit.errors import Refused

FIRST_BYTES = {".pdf": b"%PDF-", ".png": b"\x89PNG\r\n\x1a\n", ".jpg": b"\xff\xd8\xff"}
TYPES = {".pdf": "application/pdf", ".png": "image/png", ".jpg": "image/jpeg"}
PICTURES = (".png", ".jpg")


def kind_of(content: bytes, kinds: Iterable[str]) -> str | None:
    """The suffix, among `kinds`, of a file that begins like this."""
    return next((kind for kind in kinds if content.startswith(FIRST_BYTES[kind])), None)


def content_type(name: str) -> str:
    """The content type of a file by the suffix that `read` or `kind_of` gave it."""
    return TYPES[name[name.rindex(".") :]]


def read(file: FileStorage | None, kinds: Iterable[str], most: int, field: str) -> tuple[bytes, str]:
    """The bytes of a file and its suffix among `kinds`, for an input called `field`. Raises Refused."""
    content = b""
    if file and file.filename:
        content = file.stream.read(most + 1)
        file.close()  # a large one lies in a temporary file
    if not content:
        raise Refused(_l("Choose a file."), field)
    suffix = kind_of(content, kinds)
    if suffix is None:
        raise Refused(_l("This is not a file of the kinds named here, whatever its name says."), field)
    if len(content) > most:
        raise Refused(_l("This file is larger than %(n)s.", n=size(most)), field)
    return content, suffix


def size(number: int) -> str:
    """How many bytes, as people say it: 512 KB, 10 MB."""
    if number >= 1024 * 1024:
        return str(_("%(n)s MB", n=number // (1024 * 1024)))
    return str(_("%(n)s KB", n=number // 1024))
