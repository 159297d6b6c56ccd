"""A device in words: what a browser says of itself, as far as its owner needs it to know it again."""

from __future__ import annotations

from flask import Flask
from flask_babel import gettext as _

# The first that is found counts: Edge and Opera say Chrome too, and Chrome says Safari.
BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox/", "Firefox"), ("FxiOS", "Firefox"),
            ("CriOS", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))  # fmt: skip
SYSTEMS = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS X", "macOS"),
           ("CrOS", "ChromeOS"), ("Linux", "Linux"))  # fmt: skip


def _first(known: tuple[tuple[str, str], ...], said: str) -> str:
    return next((name for mark, name in known if mark in said), "")


def device_name(said: str) -> str:
    """Such as « Firefox, Windows »; what we do not know is said so."""
    return ", ".join(part for part in (_first(BROWSERS, said), _first(SYSTEMS, said)) if part) or _("An unknown browser")


def is_phone(said: str) -> bool:
    return any(mark in said for mark in ("iPhone", "Android", "Mobile"))


def way_name(method: str) -> str:
    """How somebody came in."""
    said = {
        "email": _("by e-mail"), "password": _("with the password"), "invitation": _("by an invitation"),
        "oidc": _("through the company's sign-in"), "demo": _("as a person of the demo"),
    }[method]  # fmt: skip
    return str(said)


def key_groups(key: str) -> str:
    """A long key in groups of four, to be typed."""
    return " ".join(key[i : i + 4] for i in range(0, len(key), 4))


def init_devices(app: Flask) -> None:
    app.jinja_env.filters.update({f.__name__: f for f in (device_name, is_phone, way_name, key_groups)})
