"""From the cells of a line to a programme's wording, and what of them cannot be understood."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from saas.catalogue.commands.versions import Wording
from saas.catalogue.intake.vocabulary import TEXTS
from saas.catalogue.models import ProgrammeVersion
from saas.catalogue.texts import CODES, lines
from saas.kit.i18n import LANGUAGES
from saas.kit.money import cents
from saas.kit.names import fold

HALF_DAY, DAY = 210, 420  # minutes
MODALITIES = {
    "onsite": ("presentiel", "presence", "en presentiel", "sur site", "salle", "onsite", "on site", "on-site", "classroom", "face to face"),
    "remote": ("distanciel", "a distance", "en distanciel", "visio", "visioconference", "classe virtuelle", "en ligne", "foad", "e-learning",
               "remote", "online", "virtual"),
    "blended": ("mixte", "hybride", "blended", "blended learning", "bimodal", "presentiel et distanciel", "hybrid", "multimodal"),
}  # fmt: skip
VATS = {
    "exempt": ("exonere", "exoneree", "exonere de tva", "non", "0", "0%", "0 %", "exempt", "no", "none", "sans"),
    "standard": ("20", "20%", "20 %", "oui", "standard", "normal", "taux normal", "20,00", "20.00", "yes"),
}
ASK_US = ("sur devis", "nous consulter", "devis", "on request", "on quotation", "contact us", "n/a", "-", "nc")
STARTS = re.compile(
    r"^(module|partie|part|jour|day|sequence|séquence|unit|unité|étape|chapitre|\d{1,2}\s*[.)])\s*", re.IGNORECASE
)
Wrong = Callable[..., None]


def facts(values: Mapping[str, str], wrong: Wrong) -> dict[str, Any]:
    """The facts that a line gives, by column name; nothing for an empty cell. `wrong(field, code, suggestion)` notes the rest."""
    found: dict[str, Any] = {}
    _length(values, found, wrong)
    for field, column, known, code in (
        ("modality", "modality", MODALITIES, "bad_modality"), ("vat", "vat", VATS, "bad_vat"),
    ):  # fmt: skip
        if said := fold(values[field]):
            value = next((key for key, words in known.items() if said in words or said == key), None)
            if value is None:
                wrong(field, code, "")
            else:
                found[column] = value
    for field in ("price_seat", "price_group"):
        _price(values, field, found, wrong)
    _group(values, found, wrong)
    _languages(values, found, wrong)
    if code := values["nsf_code"].strip().lower():
        if re.fullmatch(r"\d{3}[a-z]?", code):
            found["nsf_code"] = code
        else:
            wrong("nsf_code", "bad_nsf", "")
    return found


def _number(text: str) -> float | None:
    match = re.search(r"\d+(?:[.,]\d+)?", text)
    return float(match[0].replace(",", ".")) if match else None


def _length(values: Mapping[str, str], found: dict[str, Any], wrong: Wrong) -> None:
    """Hours as they are written (14, 14h, 3h30, 2 jours (14 h)); else days of seven hours, half-days of three and a half."""
    minutes = None
    if said := fold(values["hours"]):
        minutes = _minutes(said)
        if minutes is None:
            wrong("hours", "bad_hours", "")
            return
    days, halves = _number(values["days"]), _number(values["half_days"])
    if minutes is None and (days or halves):
        minutes = round(days * DAY) if days else round((halves or 0) * HALF_DAY)
    if minutes is None:
        return
    found["minutes"] = minutes
    half_days = round(halves) if halves else round(days * 2) if days else math.ceil(minutes / HALF_DAY - 0.01)
    found["days"] = min(max(half_days, 1), 400)


def _minutes(said: str) -> int | None:
    clock = re.search(r"(\d+)\s*h(?:eures?|ours?)?\s*([0-5]\d)?", said)
    if clock and not re.search(r"\d[.,]\d+\s*h", said):
        return int(clock[1]) * 60 + int(clock[2] or 0)
    number = _number(said)
    if number is None or number > 5000:
        return None
    if re.search(r"\d\s*(j|jours?|days?)\b", said):
        return round(number * DAY)
    return round(number * 60)


def _price(values: Mapping[str, str], field: str, found: dict[str, Any], wrong: Wrong) -> None:
    said = values[field].strip()
    if not said or fold(said) in ASK_US:
        return
    try:
        found[f"{field}_cents"] = cents(re.sub(r"(?i)\s*(eur(os?)?|ht|h\.t\.|excl\.? vat)\s*", "", said))
    except ValueError:
        number = re.search(r"\d[\d \u00a0\u202f.,]*\d|\d", said)
        wrong(field, "bad_price", number[0] if number else "")


def _group(values: Mapping[str, str], found: dict[str, Any], wrong: Wrong) -> None:
    said = {field: _number(values[field]) for field in ("min_group", "max_group")}
    for field, number in said.items():
        if values[field].strip() and (number is None or not 1 <= number <= 1000):
            wrong(field, "bad_group", "")
        elif number is not None:
            found[field] = round(number)


def _languages(values: Mapping[str, str], found: dict[str, Any], wrong: Wrong) -> None:
    words = [word for word in re.split(r"[\s,;/+&|]+", fold(values["languages"])) if word not in ("", "et", "and", "ou", "or")]
    known = {"fr": ("fr", "francais", "french", "fra"), "en": ("en", "anglais", "english", "ang", "gb", "uk", "eng")}
    codes = {code for word in words for code, names in known.items() if word in names}
    if words and not codes:
        wrong("languages", "bad_language", "")
    elif codes:
        found["languages"] = [code for code in LANGUAGES if code in codes]


def texts(values: Mapping[str, str]) -> dict[str, Any]:
    """The texts that a line gives, as versions store them."""
    found: dict[str, Any] = {}
    for name in TEXTS:
        said = {code: values[f"{name}_{code}"].strip() for code in CODES if values[f"{name}_{code}"].strip()}
        if not said or name == "title":
            continue
        if name == "objectives":
            found[name] = _paired({code: lines(text) for code, text in said.items()})
        elif name == "modules":
            found[name] = _paired_modules({code: _modules(text) for code, text in said.items()})
        else:
            found[name] = said
    return found


def _paired(said: dict[str, list[str]]) -> list[dict[str, str]]:
    longest = max(len(rows) for rows in said.values())
    return [{code: rows[n] for code, rows in said.items() if n < len(rows)} for n in range(longest)]


def _modules(text: str) -> list[tuple[str, str]]:
    """(title, content) of the parts of a content: a line such as “Module 1: …”, “Jour 2”, “3. …” begins one."""
    parts: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if STARTS.match(line.strip()):
            parts.append((line.strip(), []))
        elif bare := line.strip().lstrip("-–—•*·").strip():
            if not parts:
                parts.append(("", []))
            parts[-1][1].append(bare)
    return [(title, "\n".join(rows)) for title, rows in parts]


def _paired_modules(said: dict[str, list[tuple[str, str]]]) -> list[dict[str, dict[str, str]]]:
    longest = max(len(rows) for rows in said.values())
    found = []
    for n in range(longest):
        here = {code: rows[n] for code, rows in said.items() if n < len(rows)}
        module = {
            part: {code: pair[at] for code, pair in here.items() if pair[at]} for at, part in enumerate(("title", "content"))
        }
        found.append(module)
    return found


USUAL = {
    "minutes": 0, "days": 2, "modality": "onsite", "min_group": 1, "max_group": 12, "price_seat_cents": 0, "price_group_cents": 0,
    "vat": "exempt", "nsf_code": "", "bpf_class": "", "languages": ["fr"],
}  # fmt: skip


def merged(values: Mapping[str, str], given: dict[str, Any], before: ProgrammeVersion | None) -> Wording:
    """What a line makes of a programme: its own cells over what was there. An empty cell takes nothing away."""
    title = {code: values[f"title_{code}"].strip() for code in CODES if values[f"title_{code}"].strip()}
    old = Wording.of(before) if before is not None else Wording({}, {}, dict(USUAL))
    said = dict(old.texts)
    for name, value in texts(values).items():
        said[name] = _over(old.texts.get(name), value)
    result = {**old.facts, **given}
    if result["min_group"] > result["max_group"]:
        # Only one of the two is in the file: the other one, which it did not speak of, gives way.
        field = "max_group" if "min_group" in given else "min_group"
        result[field] = result["min_group" if field == "max_group" else "max_group"]
    return Wording({**old.title, **title}, said, result)


def _over(old: Any, new: Any) -> Any:
    """A text over another one: a language that the file does not give stays."""
    if isinstance(new, dict):
        return {**(old or {}), **new}
    if not old or len(old) != len(new):
        return new
    return [
        {**was, **now} if all(isinstance(v, str) for v in now.values()) else {part: {**was.get(part, {}), **now.get(part, {})} for part in ("title", "content")}
        for was, now in zip(old, new, strict=True)
    ]  # fmt: skip
