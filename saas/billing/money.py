"""VAT and totals in integer cents; rounding once per rate, half up, as invoices are checked."""

from __future__ import annotations

from collections.abc import Iterable

RATES = {"exempt": 0, "standard": 2000}  # hundredths of a percent
# CGI art. 261, 4, 4° a: vocational training by a firm that holds the attestation; the mention is printed as it stands.
EXEMPTION = "Exonération de TVA, article 261, 4, 4° a du CGI"
# What an invoice says of its lines without VAT, by the firm's regime (293 B: small businesses).
MENTIONS = {"exempt": EXEMPTION, "standard": EXEMPTION, "franchise": "TVA non applicable, art. 293 B du CGI"}


def vat_cents(net_cents: int, regime: str) -> int:
    """VAT of an amount excl. VAT; a credit note's amounts are negative and round the same way."""
    sign = -1 if net_cents < 0 else 1
    return sign * ((abs(net_cents) * RATES[regime] + 5000) // 10000)


def totals(lines: Iterable[tuple[str, int]]) -> tuple[int, int]:
    """(net, VAT) of lines given as (regime, net cents): VAT is computed on each regime's sum."""
    sums: dict[str, int] = {}
    for regime, net in lines:
        sums[regime] = sums.get(regime, 0) + net
    return sum(sums.values()), sum(vat_cents(net, regime) for regime, net in sums.items())
