"""Static files: hashed at start-up, compressed once, kept in memory; immutable under their hash, fresh otherwise."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, request

from saas.kit import branding
from saas.kit.access import EVERYONE, open_to
from tenants.scope import Kind

ROOT = Path(__file__).parent / "static"
FOREVER = "public, max-age=31536000, immutable"
bp = Blueprint("assets", __name__, url_prefix="/-")


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is served."""

    content: bytes
    packed: bytes | None
    kind: str
    stamp: str


def _load(path: Path) -> Asset:
    content = path.read_bytes()
    kind = "font/woff2" if path.suffix == ".woff2" else mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    text = kind.startswith(("text/", "image/svg"))
    packed = gzip.compress(content, 9, mtime=0) if text else None
    return Asset(content, packed, f"{kind}; charset=utf-8" if text else kind, hashlib.sha256(content).hexdigest()[:10])


UNSERVED = {"", ".txt", ".json"}
ASSETS = {str(p.relative_to(ROOT)): _load(p) for p in sorted(ROOT.rglob("*")) if p.suffix not in UNSERVED}


def asset(name: str, stamp: bool = True) -> str:
    """The address of a static file. Files that CSS names carry no stamp there, so neither here."""
    return f"/-/static/{name}" + (f"?v={ASSETS[name].stamp}" if stamp else "")


def _answer(found: Asset, forever: bool) -> Response:
    packed = found.packed if request.accept_encodings["gzip"] else None
    response = Response(packed or found.content, content_type=found.kind)
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Cache-Control"] = FOREVER if forever else "no-cache"
    response.headers["Vary"] = "Accept-Encoding"
    response.set_etag(found.stamp)
    return response.make_conditional(request)  # type: ignore[return-value]


@bp.get("/static/<path:name>")
@open_to(EVERYONE, within=Kind.PLATFORM)
def static(name: str) -> Response:
    if name not in ASSETS:
        abort(404)
    found = ASSETS[name]
    return _answer(found, request.args.get("v") == found.stamp or found.kind == "font/woff2")


@bp.get("/theme/<string(length=6):colour>.css")
@open_to(EVERYONE, within=Kind.PLATFORM)
def theme(colour: str) -> Response:
    """The tokens of a client's colour."""
    try:
        css = branding.theme_css(f"#{colour}").encode()
    except ValueError:
        abort(404)
    found = Asset(css, None, "text/css; charset=utf-8", hashlib.sha256(css).hexdigest()[:10])
    return _answer(found, request.args.get("v") == found.stamp)


def init_assets(app: Flask) -> None:
    app.register_blueprint(bp)
    app.jinja_env.globals["asset"] = asset
