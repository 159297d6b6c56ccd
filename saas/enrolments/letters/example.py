"""A mail as its reader would see it, for whoever adapts its words: real dates of a session, one's own name. In firm scope."""

from __future__ import annotations

import datetime as dt

from flask import g
from flask_babel import gettext as _

from saas.catalogue.models import ProgrammeVersion, Slot, TrainingSession
from saas.enrolments.letters import facts, words, writing
from saas.enrolments.letters.kinds import KINDS, PERSON
from saas.enrolments.letters.queries import example_session
from saas.enrolments.letters.writing import Letter, Reader
from saas.enrolments.models import Enrolment
from saas.kit.clock import at, now, today
from saas.kit.i18n import reader_in


def session() -> TrainingSession:
    """The firm's next session, or one made up while it has none."""
    found = example_session()
    if found is not None:
        return found
    day = today() + dt.timedelta(days=21)
    halves = [(at(day, 9), at(day, 12, 30)), (at(day, 14), at(day, 17, 30))]
    version = ProgrammeVersion(title={"fr": "Manager engagé", "en": "Committed manager"}, texts={})
    return TrainingSession(
        version=version, venue="Salle Belledonne", address="Grenoble", access="", video_url="", state="confirmed",
        slots=[Slot(starts_at=start, ends_at=end) for start, end in halves],
    )  # fmt: skip


def letter(
    code: str, said: words.Words, language: str, shown: TrainingSession, reader: Reader, *, firm: str, client: str,
    asked: facts.Asked, url: str = "#",
) -> Letter:  # fmt: skip
    """The whole mail in one language: these words, with facts of a real session; its links lead to `url`."""
    kind = KINDS[code]
    row = Enrolment(offer_until=now() + dt.timedelta(hours=48), fee_cents=0, reason="")
    with reader_in(language):
        found = [*facts.of_ending(row, code), *facts.when_and_where(shown, code, video=kind.audience == PERSON)]
        found += facts.of_convocation(shown, asked) if code == "convocation" else []
        links = [(text, url) for text in (_("The programme"), _("The rules of our trainings"))] if code == "convocation" else []
        return writing.compose(
            code, said, reader, shown, firm=firm, client=client, person=_("A colleague") if kind.audience != PERSON else "",
            shown=found, url=url, links=links,
        )  # fmt: skip


def oneself(language: str) -> Reader:
    """Whoever looks, as a reader."""
    return Reader(g.viewer.name, g.viewer.name.split(" ")[0], g.viewer.email, language)


def both(code: str, typed: dict[str, words.Words], client: str) -> dict[str, Letter]:
    """The mail in both languages."""
    shown, asked, firm = session(), facts.asked(), g.viewer.firm.name
    return {
        language: letter(code, said, language, shown, oneself(language), firm=firm, client=client, asked=asked)
        for language, said in typed.items()
    }
