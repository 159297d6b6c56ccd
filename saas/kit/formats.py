"""How money, dates and names are said in the reader's language. Moments come in as aware UTC and show in Paris."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel.numbers import format_currency
from flask import Flask
from flask_babel import format_date, format_decimal, format_percent, format_timedelta, get_locale
from flask_babel import gettext as _
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from saas.kit import words
from saas.kit.clock import PARIS, ZONES, now
from saas.kit.i18n import language
from saas.kit.paging import page_url, sort_url

NBSP, NARROW = "\u00a0", "\u202f"


def _wide(text: str) -> str:
    # In our font a narrow no-break space is so thin that 13 630 reads 13630.
    return text.replace(NARROW, NBSP)


def money(cents: int, currency: str = "EUR") -> str:
    """1 150,00 € or €1,150.00."""
    return _wide(format_currency(Decimal(cents) / 100, currency, locale=get_locale()))


def number(value: float) -> str:
    return _wide(format_decimal(value))


def percent(share: float) -> str:
    """A share (0 to 1) as a whole percentage."""
    return _wide(format_percent(share, f"#,##0{NBSP}%" if language() == "fr" else "#,##0%"))


def _local(moment: dt.datetime | dt.date, zone: str = "") -> dt.date:
    return moment.astimezone(_zone(zone)).date() if isinstance(moment, dt.datetime) else moment


def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name) if name else PARIS


def zone_name(name: str) -> str:
    """Réunion, for Indian/Reunion: whose hours these are."""
    return str(ZONES.get(name, name))


def month(day: dt.date) -> str:
    """Novembre 2026, with a capital as it stands alone."""
    text = str(format_date(day, "MMMM y"))
    return text[:1].upper() + text[1:]


def _first(text: str, local: dt.date) -> str:
    # CLDR writes "1 février"; people write "1er février".
    return re.sub(r"\b1\b", "1er", text, count=1) if local.day == 1 and language() == "fr" else text


def day(moment: dt.datetime | dt.date) -> str:
    """24 nov. 2026; 1er févr. 2027."""
    local = _local(moment)
    return _first(str(format_date(local, "medium")), local)


def day_within(moment: dt.datetime | dt.date, zone: str = "") -> str:
    """mardi 24 novembre 2026, as it is said within a sentence; Tuesday, 24 November 2026 in English."""
    local = _local(moment, zone)
    return _first(str(format_date(local, "full")), local)


def day_long(moment: dt.datetime | dt.date, zone: str = "") -> str:
    """Mardi 24 novembre 2026, with a capital as it starts a line."""
    text = day_within(moment, zone)
    return text[:1].upper() + text[1:]


def weekday(moment: dt.datetime | dt.date) -> str:
    return str(format_date(_local(moment), "E"))


def daynum(moment: dt.datetime | dt.date) -> str:
    return str(_local(moment).day)


def clock(moment: dt.datetime, zone: str = "") -> str:
    """9:00, on the wall in Paris, or of another zone."""
    local = moment.astimezone(_zone(zone))
    return f"{local.hour}:{local.minute:02d}"


def hours(start: dt.datetime, end: dt.datetime, zone: str = "") -> str:
    """9:00 – 12:30."""
    return f"{clock(start, zone)} – {clock(end, zone)}"


def moment(value: dt.datetime) -> str:
    """Mardi 24 novembre 2026, 9:00."""
    return f"{day_long(value)}, {clock(value)}"


def moment_within(value: dt.datetime) -> str:
    """mardi 24 novembre 2026, 9:00, within a sentence."""
    return f"{day_within(value)}, {clock(value)}"


def ago(value: dt.datetime) -> str:
    """il y a 2 heures; in 3 days."""
    return str(format_timedelta(value - now(), add_direction=True))


def initials(name: str) -> str:
    words = [w for w in re.split(r"[\s'’-]+", name) if w]
    return (words[0][:1] + (words[-1][:1] if len(words) > 1 else words[0][1:2])).upper() if words else "?"


def hue(key: Any) -> int:
    """One of eight stable colours for a person or a company."""
    return hashlib.sha256(str(key).encode()).digest()[0] % 8


def typo(text: Any) -> str:
    """French spacing: no-break before : » € %, after «, narrow before ; ? !"""
    if language() != "fr":
        return str(text)
    said = re.sub(r" (?=[:»€%])", NBSP, str(text))
    said = re.sub(r" (?=[;?!])", NARROW, said).replace("« ", f"«{NBSP}")
    return text.__class__(said) if isinstance(text, Markup) else said


def length_of(version: Any) -> str:
    """2 days, 14 h; half a day, 3.5 h. `days` counts half-days."""
    days, hours_ = version.days / 2, version.minutes / 60
    few = {0.5: _("half a day"), 1: _("1 day"), 1.5: _("a day and a half")}
    said = few.get(days) or _("%(n)s days", n=number(days))
    return f"{said}, {number(hours_)}{NBSP}h"


def modality(code: str) -> str:
    return str({"onsite": _("on site"), "remote": _("remote"), "blended": _("blended")}[code])


def step(code: str) -> str:
    """A step of an enrolment, after the name of who made it."""
    return str(words.STEPS.get(code, code))


def role_name(code: str) -> str:
    said = {
        "owner": _("owner"), "advisor": _("advisor"), "trainer": _("trainer"), "accountant": _("accountant"),
        "hr": _("HR"), "sponsor": _("sponsor"), "participant": _("manager"),
    }[code]  # fmt: skip
    return str(said)


def work(kind: str) -> str:
    """A job's kind, as the page of failed work says it."""
    return str(words.WORK.get(kind, kind))


def act(entry: Any) -> str:
    """A line of the journal, after the name of who acted."""
    return str(words.ACTS.get(entry.action, entry.action)).replace("%(what)s", entry.subject)


FILTERS = (
    money, number, percent, day, day_long, day_within, weekday, daynum, clock, hours, moment, moment_within, ago, initials, hue, typo,
    length_of, modality, month, zone_name, role_name, step, work, act,
)  # fmt: skip


def _with_thousands(app: Flask) -> None:
    """In templates, the number of a plural text is said as people write it: 10 300, not 10300."""
    plural: Any = app.jinja_env.globals["ngettext"]

    @pass_context
    def ngettext(context: Context, one: str, many: str, num: int, **variables: Any) -> str:
        return str(plural(context, one, many, num, **{"num": number(num), **variables}))

    app.jinja_env.globals["ngettext"] = ngettext


def init_formats(app: Flask) -> None:
    _with_thousands(app)
    app.jinja_env.filters.update({f.__name__: f for f in FILTERS})
    app.jinja_env.globals.update(page_url=page_url, sort_url=sort_url, right_now=now, get_locale=get_locale)
