"""E-mail addresses as they come: cleaned of what is no part of them, and what they were meant to be."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from email.utils import getaddresses

from saas.kit.names import fold, is_email

NONE = {
    "-",
    "--",
    "n/a",
    "na",
    "neant",
    "aucun",
    "aucune",
    "sans",
    "non",
    "0",
    "x",
    "null",
    "none",
    "#n/a",
    "nc",
    "pas d'adresse",
    "?",
}
INSIDE = re.compile(r"[^@\s,;<>\"()]+@[^@\s,;<>\"()]+")


def tidy(raw: str) -> str:
    """An address without what surrounds it: mailto:, name and brackets, outer punctuation, words that mean none."""
    text = raw.strip().removeprefix("mailto:").strip(" .;,<>\"'")
    if fold(text) in NONE:
        return ""
    if "<" in text or "(" in text:
        text = next((address for _, address in getaddresses([text]) if "@" in address), text)
    return text.casefold()


def meant(address: str, domain: str) -> str | None:
    """What a bad address was probably meant to be; None when nothing is likely."""
    several = INSIDE.findall(address)
    if len(several) > 1 and is_email(several[0]):
        return str(several[0])
    text = re.sub(r"\s*\(at\)\s*|\s+at\s+|\s*\[at\]\s*", "@", address)
    # A blank before the at sign stands where a dot should: "zoe muller@…".
    text = re.sub(r"\s+(?=\S*@)", ".", re.sub(r"\s*@\s*", "@", text))
    text = fold(re.sub(r"\s+", "", text)).replace(",", ".").replace("@@", "@").strip(".")
    text = re.sub(r"\.{2,}", ".", text)
    local, at, place = text.partition("@")
    if at and place and "." not in place and domain and domain.split(".")[0] == place.rstrip("."):
        place = domain
    if not place and domain:
        place = domain
    candidate = f"{local}@{place}"
    return candidate if local and place and is_email(candidate) and candidate != address else None


def usual_domain(addresses: Iterable[str]) -> str:
    """The domain that most addresses have; empty when there is none."""
    domains = Counter(address.rpartition("@")[2] for address in addresses if is_email(address))
    return domains.most_common(1)[0][0] if domains else ""


def near(domain: str, usual: Counter[str]) -> str | None:
    """The frequent domain that a rare one resembles: one letter missing, added, changed or swapped."""
    if usual[domain] > 2:
        return None
    close = (other for other, times in usual.most_common(3) if times >= 5 and times >= 10 * usual[domain])
    return next((other for other in close if other != domain and _one_slip(domain, other)), None)


def _one_slip(one: str, other: str) -> bool:
    if abs(len(one) - len(other)) > 1:
        return False
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    rest, also = one[at:], other[at:]
    return rest[1:] == also[1:] or rest[1:] == also or rest == also[1:] or (rest[:2] == also[1::-1] and rest[2:] == also[2:])
