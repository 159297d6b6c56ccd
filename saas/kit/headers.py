"""What every answer says to the browser: a strict content policy, no framing, no sniffing, nothing kept."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, g, request

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)


def init_headers(app: Flask) -> None:
    https = urlsplit(app.config["PUBLIC_URL"]).scheme == "https"

    @app.after_request
    def guard(response: Response) -> Response:
        # A page whose form ends on another origin names it in g.form_action.
        elsewhere = getattr(g, "form_action", "")
        headers = response.headers
        headers["Content-Security-Policy"] = f"{POLICY} {elsewhere}".rstrip()
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        # Search engines list the public catalogues and nothing else.
        headers.setdefault("X-Robots-Tag", "noindex")
        if https:
            headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        # A file that is sent says no-cache by itself, which lets a browser keep it: only our own static files may.
        if "Cache-Control" not in headers or (headers["Cache-Control"] == "no-cache" and request.blueprint != "assets"):
            headers["Cache-Control"] = "private, no-store"
            headers["Vary"] = "Cookie, HX-Request"
        return response
