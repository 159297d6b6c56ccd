"""Names as HR tools write them, as people write them: first and last told apart, capitals and particles put right."""

from __future__ import annotations

import re

from saas.kit.names import fold

CIVILITY = re.compile(
    r"^(m\.|mr\.?|mme\.?|mlle\.?|mrs\.?|ms\.?|miss|monsieur|madame|mademoiselle|dr\.?|docteur|pr\.?|prof\.?)\s+", re.I
)
SMALL = {"de", "du", "des", "la", "von", "van", "der", "den", "di", "da", "dos", "of"}
LAST_FIRST, FIRST_LAST = "last first", "first last"


def cased(name: str) -> str:
    """A name written all in capitals or all in small letters, as people write it; others are left as they are."""
    name = " ".join(name.split())
    if not (name.isupper() or name.islower()):
        return name
    words = name.lower().split(" ")
    return " ".join(_word(word, alone=len(words) == 1, first=n == 0) for n, word in enumerate(words))


def _word(word: str, *, alone: bool, first: bool) -> str:
    if word in SMALL and not alone and not first:
        return word
    parts = re.split(r"(['’-])", word)
    said = [part[:1].upper() + part[1:] for part in parts]
    if not alone and not first and parts[0] == "d" and len(parts) > 1:
        said[0] = "d"  # De La Tour d'Auvergne
    return "".join(said)


def split(full: str, order: str = LAST_FIRST, address: str = "") -> tuple[str, str]:
    """(first, last) of one cell.

    A comma tells them apart, else capitals, else the address when it is made of both, else the column's usual order.
    """
    full = CIVILITY.sub("", full.strip())
    if "," in full:
        last, _, first = full.partition(",")
        return first.strip(), last.strip()
    words = full.split()
    if len(words) < 2:
        return "", full
    capitals = [w for w in words if w.isupper() and len(w.strip(".")) > 1]
    if capitals and len(capitals) < len(words):
        return " ".join(w for w in words if w not in capitals), " ".join(capitals)
    by_address = _by_address(words, address)
    if by_address:
        return by_address
    return (" ".join(words[:1]), " ".join(words[1:])) if order == FIRST_LAST else (words[-1], " ".join(words[:-1]))


def bare(text: str) -> str:
    """Letters alone, folded: how a name stands in an address."""
    return re.sub(r"[^a-z]", "", fold(text))


def _by_address(words: list[str], address: str) -> tuple[str, str] | None:
    parts = [bare(part) for part in re.split(r"[._]", address.partition("@")[0])]
    if len(parts) != 2 or not all(parts):
        return None
    for cut in range(1, len(words)):
        head, tail = " ".join(words[:cut]), " ".join(words[cut:])
        if [bare(head), bare(tail)] == parts:
            return head, tail
        if [bare(tail), bare(head)] == parts:
            return tail, head
    return None


def of_address(address: str) -> tuple[str, str] | None:
    """(first, last) as an address such as anne-sophie.roux@… tells them, without their accents."""
    local = address.partition("@")[0]
    parts = local.split(".")
    if len(parts) != 2 or not all(re.fullmatch(r"[a-zà-ÿ][a-zà-ÿ'-]+", part) for part in parts):
        return None
    return cased(parts[0]), cased(parts[1])
