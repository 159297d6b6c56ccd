"""Pictures that a phone reads."""

from __future__ import annotations

import io

import segno
from markupsafe import Markup


def square(text: str) -> Markup:
    """A QR code as an inline picture, black on whatever is behind it."""
    out = io.BytesIO()
    code = segno.make(text, error="m", micro=False)
    code.save(out, kind="svg", xmldecl=False, svgns=False, omitsize=True, border=2, svgclass="qr", lineclass=None)
    return Markup(out.getvalue().decode())  # noqa: S704  # made here from numbers alone: the text is drawn, not written
