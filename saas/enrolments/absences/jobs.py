"""HR and the trainers hear of an absence once, as it stands when the mail leaves."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _

from saas.enrolments.absences import commands
from saas.enrolments.letters import telling, writing
from saas.enrolments.letters.facts import Fact
from saas.enrolments.letters.kinds import job_of
from saas.enrolments.models import Enrolment
from saas.kit import formats
from saas.kit.i18n import reader_in
from tenants.queue import job, later


def in_words(row: Enrolment) -> list[Fact]:
    """What somebody will miss, half-day by half-day; that they come to everything when nothing stands any more."""
    standing = [absence for absence in commands.of(row.id) if absence.taken_back_at is None]
    if not standing:
        return [Fact(_("Announced"), [_("Nothing any more: they come to everything.")])]
    ends = {slot.starts_at: slot.ends_at for slot in row.link.session.slots}
    lines = []
    for absence in standing:
        start = absence.starts_at
        when = f"{formats.day_long(start)}, {formats.hours(start, ends[start]) if start in ends else formats.clock(start)}"
        lines.append(_("Late: %(when)s", when=when) if absence.kind == "late" else _("Absent: %(when)s", when=when))
    reasons = list(dict.fromkeys(absence.reason for absence in standing if absence.reason))
    return [Fact(_("Announced"), lines), *([Fact(_("Reason"), reasons)] if reasons else [])]


@job("enrolments.absence_mail")
def absence(enrolment_id: str, to_id: str | None = None) -> None:
    """Workspace scope: one mail to each HR who answers for the person; the firm is asked to tell its trainers."""
    row = telling.loaded(UUID(enrolment_id))
    if to_id is None:
        if row.state == "seated" and commands.untold(row):
            telling.ask_hr("absence", row)
            telling.to_the_firm("trainer_absence", row)
        return
    if hr := telling.hr_who_reads(UUID(to_id)):
        with reader_in(hr.language):
            shown = in_words(row)
        writing.to_hr("absence", row, hr, shown)


@job("enrolments.trainer_absence_mail")
def trainer_absence(enrolment_id: str, to_id: str | None = None) -> None:
    """Firm scope: the same to the trainers of the session."""
    row = telling.loaded(UUID(enrolment_id))
    for trainer in telling.trainers_of(row.link.session_id):
        if to_id is None:
            later(job_of("trainer_absence"), enrolment_id=row.id, to_id=trainer.id)
        elif str(trainer.id) == to_id:
            with reader_in(trainer.language):
                shown = in_words(row)
            writing.to_trainer("trainer_absence", row.link.session, trainer, row, shown)
