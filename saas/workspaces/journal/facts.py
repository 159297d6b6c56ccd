"""What a line of the journal knows beside its act, in words. A fact without words is not shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from saas.kit import formats, words
from saas.kit.i18n import LANGUAGES
from saas.kit.journal import Journal
from saas.kit.retention import KEPT

FIELDS = {
    "first_name": _l("first name"), "last_name": _l("last name"), "email": _l("address"), "language": _l("language"),
    "employee_number": _l("employee number"), "department": _l("department"), "site": _l("site"), "job_title": _l("job title"),
    "line_manager": _l("line manager"), "entered_on": _l("entry date"), "roles": _l("roles"), "hr_sites": _l("sites"),
    "hr_departments": _l("departments"), "name": _l("name"),
}  # fmt: skip
TOLD = {"dates": _l("dates"), "place": _l("place"), "video": _l("video link"), "trainers": _l("trainers")}
SEEN = {"public": _l("the public"), "offered": _l("the clients it is offered to"), "tailored": _l("one client alone")}
METHODS = {
    "invitation": _l("by an invitation"), "demo": _l("as somebody of the demo"), "transfer": _l("by transfer"), "card": _l("by card"), "credit": _l("by a credit note"), "email": _l("by a link sent by e-mail"),
    "password": _l("with a password"), "sso": _l("through the company’s own sign-in"), "oidc": _l("through the company’s own sign-in"),
}  # fmt: skip

ORIGINS = {"person": _l("at their own wish"), "desk": _l("decided by HR or the firm"), "clock": _l("their time was over")}


def _many(values: Any, words: Mapping[str, Any]) -> str:
    """Codes as words; a code that has none is left out."""
    return ", ".join(str(words[value]) for value in values if value in words)


def _roles(values: Any) -> str:
    known = ("owner", "advisor", "trainer", "accountant", "hr", "sponsor", "participant")
    return ", ".join(formats.role_name(value) for value in values if value in known)


def _listed(values: Any) -> str:
    return ", ".join(str(value) for value in values)


def _clients(value: Any) -> str:
    return str(_("all clients") if value is None else ngettext("%(num)s client", "%(num)s clients", int(value)))


def _shown(field: str, value: Any) -> str:
    """A value of a person's field: what was typed, but for the language's code; a dash for nothing."""
    if field == "language":
        return LANGUAGES.get(str(value), "–")
    return str(value or "–")


def _became(value: Mapping[str, Any], before: Any) -> str:
    """What several people were given: the same for all of them, and what they had when that was one thing."""
    said = []
    for field, new in value.items():
        if field in FIELDS:
            had = _before(field, before)
            old = f"{_shown(field, had)} → " if had is not None else ""
            said.append(str(_("%(label)s: %(value)s", label=FIELDS[field], value=f"{old}{_shown(field, new)}")))
    return "; ".join(said)


def _before(field: str, before: Any) -> Any:
    """What everybody had, when it was the same."""
    had = set(before.get(field) or []) if isinstance(before, dict) else set()
    return had.pop() if len(had) == 1 else None


def _labelled(label: Any, say: Callable[[Any], str]) -> Callable[[Any], str]:
    def said(value: Any) -> str:
        words = say(value)
        return str(_("%(label)s: %(value)s", label=label, value=words)) if words else ""

    return said


def _money(label: Any) -> Callable[[Any], str]:
    return _labelled(label, lambda cents: formats.money(int(cents)) if cents else "")


# What commands write, by the name of the fact.
SAID: dict[str, Callable[[Any], str]] = {
    "price_cents": _money(_l("price excl. VAT")),
    "fee_cents": _money(_l("fee")),
    "amount_cents": _money(_l("amount")),
    "cents": _money(_l("amount")),
    "roles": _labelled(_l("roles"), _roles),
    "sites": _labelled(_l("sites"), _listed),
    "departments": _labelled(_l("departments"), _listed),
    "fields": _labelled(_l("changed"), lambda value: _many(value, FIELDS)),
    "changed": _labelled(_l("changed"), lambda value: _many(value, TOLD)),
    "visibility": _labelled(_l("seen by"), lambda value: str(SEEN.get(value, ""))),
    "method": lambda value: str(METHODS.get(value, "")),
    "on": _labelled(_l("last day"), lambda value: formats.day(dt.date.fromisoformat(value))),
    "label": str,
    "required": lambda value: str(_("asked of everybody") if value else _("left to each")),
    "reason": _labelled(_l("reason"), str),
    "people": lambda value: "" if isinstance(value, list) else str(ngettext("%(num)s person", "%(num)s people", int(value))),
    "clients": _clients,
    "ceiling": lambda value: str(
        _("without a limit") if value is None else ngettext("%(num)s seat", "%(num)s seats", int(value))
    ),
    "colour": _labelled(_l("colour"), str),
    "origin": lambda value: str(ORIGINS.get(value, "")),
    "held_until": _labelled(_l("proofs kept until"), lambda value: formats.day(dt.date.fromisoformat(value)) if value else ""),
    "key": lambda value: str(KEPT[value].label) if value in KEPT else "",
    "issuer": _labelled(_l("issuer"), str),
    "gained": _labelled(_l("given"), _roles),
    "lost": _labelled(_l("taken back"), _roles),
}
# How many an act concerned, and how they fared.
COUNTED: dict[str, Callable[[int], str]] = {
    "seated": lambda n: ngettext("%(num)s with a seat", "%(num)s with a seat", n),
    "waiting": lambda n: ngettext("%(num)s on the waiting list", "%(num)s on the waiting list", n),
    "create": lambda n: ngettext("%(num)s added", "%(num)s added", n),
    "created": lambda n: ngettext("%(num)s added", "%(num)s added", n),
    "update": lambda n: ngettext("%(num)s changed", "%(num)s changed", n),
    "versions": lambda n: ngettext("%(num)s with a new version", "%(num)s with a new version", n),
    "same": lambda n: ngettext("%(num)s already there", "%(num)s already there", n),
    "fix": lambda n: ngettext("%(num)s left to correct", "%(num)s left to correct", n),
    "skip": lambda n: ngettext("%(num)s left out", "%(num)s left out", n),
    "left": lambda n: ngettext("%(num)s marked as gone", "%(num)s marked as gone", n),
    "kept": lambda n: ngettext("%(num)s kept, in use since", "%(num)s kept, in use since", n),
}  # fmt: skip
# Facts that are read with another one, or that a page shows otherwise.
BESIDE = frozenset({"before", "became", "workspace_id", "number"})


def in_words(entry: Journal) -> list[str]:
    """What a line is about, unless its act says so, and its facts, one sentence each, in the reader's language."""
    said = [entry.subject] if "%(what)s" not in str(words.ACTS.get(entry.action, "%(what)s")) else []
    said += [SAID[name](value) for name, value in entry.facts.items() if name in SAID and not _is_beside(name, entry)]
    said += [str(say(entry.facts[name])) for name, say in COUNTED.items() if entry.facts.get(name)]
    if became := entry.facts.get("became"):
        said.append(_became(became, entry.facts.get("before")))
    if (number := entry.facts.get("number")) is not None:
        said.append(_numbered(entry.action, number))
    return [fact for fact in said if fact]


def _is_beside(name: str, entry: Journal) -> bool:
    """Of a change with its values, the list of fields says nothing more; how somebody came in counts when they do."""
    return (name == "fields" and "became" in entry.facts) or (
        name == "method" and entry.action not in ("sign_in.opened", "invoice.paid")
    )


def _numbered(action: str, number: Any) -> str:
    """A number means a version of a programme, or how many things an act made."""
    if action.startswith(("programme.", "offer.")):
        return str(_("version %(n)s", n=number))
    if action == "certificate.made":
        return str(ngettext("%(num)s certificate", "%(num)s certificates", int(number)))
    if action == "clients.imported":
        return str(ngettext("%(num)s client", "%(num)s clients", int(number)))
    return str(ngettext("%(num)s line", "%(num)s lines", int(number)))


def summed(rows: Sequence[Journal]) -> dict[Any, list[str]]:
    """The facts of many lines, by the line's id."""
    return {row.id: in_words(row) for row in rows}
