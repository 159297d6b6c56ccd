"""The only file that reads the environment. Every setting is typed, explained, and checked at start-up, all at once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import urlsplit


class BadSettings(ValueError):
    """The settings cannot be used; the message lists every fault, one a line."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator sets. Each field's comment is the manual."""

    database_url: str  # PostgreSQL, as the login role: postgresql+psycopg://app_login@host/cordee
    redis_url: str  # Redis with its append-only file on: redis://… or unix:///…
    secret_key: str  # at least 32 characters; signs cookies and derives single-use links
    public_url: str  # where people reach the product: https://app.example.org
    migration_database_url: str = ""  # a login that may SET ROLE app_owner; migrations and the demo loader only
    secret_key_old: str = ""  # the key before this one, while cookies signed with it are still about
    mail_url: str = "sandbox:"  # smtp://user:password@host:587, or sandbox: for the mailbox in the browser
    mail_from: str = "ne-pas-repondre@cordee.example"  # the address that mails leave from
    storage_dir: str = ".data/files"  # where files live
    stripe_url: str = "sandbox:"  # sandbox:, or empty for Stripe itself
    stripe_secret_key: str = "sk_test_sandbox"  # noqa: S105  # Stripe's secret key of the platform account
    stripe_webhook_secret: str = "whsec_sandbox"  # noqa: S105  # Stripe's signing secrets, comma separated while they rotate
    outbound_exempt: str = ""  # development hosts that may be http or not public, comma separated: localhost:9000
    dns_server: str = ""  # who is asked for names and proofs: empty is the system's, host:port, or sandbox: for the demo's page
    proxy_hops: int = 0  # how many proxies of yours stand in front; what X-Forwarded-For says beyond them is not believed
    undo_seconds: int = 30  # how long people enrolled together can be undone; their mails leave after it
    cordee_demo: bool = False  # open the door to the demo's personae; it needs a demo firm as well

    def flask(self) -> dict[str, Any]:
        """The same, under the names that Flask and its extensions look for."""
        secure = urlsplit(self.public_url)
        prefix = "__Host-" if secure.scheme == "https" or secure.hostname in {"127.0.0.1", "localhost"} else ""
        upper = {f.name.upper(): getattr(self, f.name) for f in fields(self)}
        return upper | {
            "SECRET_KEY_FALLBACKS": [self.secret_key_old] if self.secret_key_old else [],
            "SQLALCHEMY_DATABASE_URI": self.database_url,
            "SQLALCHEMY_ENGINE_OPTIONS": {
                "connect_args": {"prepare_threshold": 0, "options": "-c timezone=UTC"},
                "pool_size": 10,
                "max_overflow": 5,
                "hide_parameters": True,  # an error's words reach logs and the page of failed work: never a person's data
                "pool_pre_ping": True,  # PostgreSQL restarted: no request meets a connection that died in the pool
            },
            "SESSION_COOKIE_NAME": f"{prefix}cordee-form",
            "SIGN_IN_COOKIE": f"{prefix}cordee",
            "BROWSER_COOKIE": f"{prefix}cordee-browser",
            "SESSION_COOKIE_SECURE": bool(prefix),
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "MAX_CONTENT_LENGTH": 12 * 1024 * 1024,
            "WTF_CSRF_TIME_LIMIT": None,
        }


REQUIRED = {"database_url", "redis_url", "secret_key", "public_url"}


def read(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process. Raises BadSettings with every fault at once."""
    environ = os.environ if environ is None else environ
    faults: list[str] = []
    values: dict[str, Any] = {}
    for field in fields(Settings):
        raw = environ.get(field.name.upper())
        if field.type == "bool":
            values[field.name] = (raw or "").lower() in {"1", "true", "yes"}
        elif field.type == "int" and raw is not None:
            if raw.isdecimal():
                values[field.name] = int(raw)
            else:
                faults.append(f"{field.name.upper()} must be a whole number")
        elif not raw and field.name in REQUIRED:
            faults.append(f"{field.name.upper()} is missing")
        elif raw is not None:
            values[field.name] = raw  # an empty one as well: STRIPE_URL= is Stripe itself
    faults += _faults(values)
    if faults:
        raise BadSettings("Cordée cannot start:\n" + "\n".join(f"- {fault}" for fault in faults))
    return Settings(**values)


def _faults(values: Mapping[str, Any]) -> list[str]:
    found = []
    if "database_url" in values and not values["database_url"].startswith("postgresql+psycopg://"):
        found.append("DATABASE_URL must start with postgresql+psycopg://")
    if "secret_key" in values and len(values["secret_key"]) < 32:
        found.append("SECRET_KEY must have at least 32 characters")
    if "public_url" in values and urlsplit(values["public_url"]).scheme not in {"http", "https"}:
        found.append("PUBLIC_URL must start with https:// (http:// on your own desk)")
    if values.get("mail_url", "sandbox:").split(":")[0] not in {"smtp", "smtps", "sandbox"}:
        found.append("MAIL_URL must start with smtp://, smtps:// or be sandbox:")
    elif not _is_server(values.get("mail_url", "sandbox:")):
        found.append("MAIL_URL must be smtp://user:password@host:587, with / # ? @ in a password as %2F %23 %3F %40")
    return [*found, *_for_the_desk_only(values)]


def _for_the_desk_only(values: Mapping[str, Any]) -> list[str]:
    """Stand-ins that must not be met by accident where real people come: an open mailbox, money nobody has."""
    if urlsplit(values.get("public_url", "")).scheme != "https" or values.get("cordee_demo"):
        return []
    found = []
    if values.get("mail_url", "sandbox:") == "sandbox:":
        found.append("MAIL_URL is missing: with the sandbox anybody could read the mails (CORDEE_DEMO=1 for a public demo)")
    if values.get("stripe_url", "sandbox:") == "sandbox:":
        found.append("STRIPE_URL must be set, and empty for Stripe itself: in the sandbox anybody could pay")
    elif {"stripe_secret_key", "stripe_webhook_secret"} - values.keys():
        found.append("STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET are missing")
    if values.get("outbound_exempt"):
        found.append("OUTBOUND_EXEMPT must be empty: whoever connects a directory could reach those hosts through us")
    if values.get("dns_server") == "sandbox:":
        found.append("DNS_SERVER must not be the sandbox: anybody could prove any domain there")
    return found


def _is_server(url: str) -> bool:
    """Whether a mail address says where to connect. Its fault is never quoted: it may hold a piece of the password."""
    try:
        parts = urlsplit(url)
        return parts.scheme == "sandbox" or bool(
            parts.hostname and parts.port != 0 and not parts.path.strip("/") + parts.fragment
        )
    except ValueError:
        return False
