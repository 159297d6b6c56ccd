"""What staff type about a session: its half-days line by line, where, who, how many."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
)  # fmt: skip
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from saas.catalogue.models import Room
from saas.catalogue.planning import MOST_SLOTS, Half, Place, Plan
from saas.kit.clock import ZONES
from saas.kit.errors import Refused
from saas.kit.i18n import LANGUAGES
from saas.kit.money import MoneyField
from saas.kit.options import CheckListField, options

PARTS = [("am", _l("Morning")), ("pm", _l("Afternoon")), ("day", _l("Whole day")), ("timed", _l("At these hours"))]
HALVES = {"am": ("morning",), "pm": ("afternoon",), "day": ("morning", "afternoon")}
USUAL = {
    "morning_from": dt.time(9),
    "morning_to": dt.time(12, 30),
    "afternoon_from": dt.time(14),
    "afternoon_to": dt.time(17, 30),
}


def _is_link(_form: Any, field: StringField) -> None:
    if field.data and not field.data.startswith("https://"):
        raise ValidationError(_l("A video link starts with https://"))


class LineForm(Form):
    """One line of the programme of days. `slot` is the half-day that it was; hours are the usual ones unless given."""

    slot = HiddenField()
    day = DateField(_l("Day"), [Optional()])
    part = SelectField(_l("When"), choices=options(PARTS), default="day")
    start = TimeField(_l("From"), [Optional()])
    end = TimeField(_l("To"), [Optional()])
    room = SelectField(_l("Room"), validators=[Optional()])
    venue = StringField(_l("Elsewhere: place and address"), [Optional(), Length(max=300)])
    video_url = StringField(_l("Video link of its own"), [Optional(), Length(max=400), _is_link])

    @property
    def is_filled(self) -> bool:
        return any((value or "").strip() for field in (self.day, self.start, self.end) for value in field.raw_data or ())


class SessionForm(FlaskForm):
    """A session: programme, days, place, trainers, seats."""

    version = SelectField(_l("Programme"), validators=[InputRequired(_l("Choose a programme."))])
    kind = RadioField(
        _l("For"), choices=options([("inter", _l("several companies")), ("intra", _l("one company"))]), default="inter"
    )
    language = SelectField(_l("Language"), choices=options(LANGUAGES.items()))
    trainers = CheckListField(_l("Trainers"), [Optional()])
    time_zone = SelectField(_l("Hours are those of"), choices=options(ZONES.items()), default="Europe/Paris")
    lines = FieldList(FormField(LineForm), _l("Half-days"), min_entries=2, max_entries=MOST_SLOTS)
    morning_from = TimeField(_l("Morning from"), [InputRequired(_l("Enter a time."))])
    morning_to = TimeField(_l("Morning to"), [InputRequired(_l("Enter a time."))])
    afternoon_from = TimeField(_l("Afternoon from"), [InputRequired(_l("Enter a time."))])
    afternoon_to = TimeField(_l("Afternoon to"), [InputRequired(_l("Enter a time."))])
    times = IntegerField(_l("Times in all"), [Optional(), NumberRange(2, 30)], default=4)
    weeks = SelectField(
        _l("Every"),
        choices=options([("1", _l("week")), ("2", _l("two weeks")), ("3", _l("three weeks")), ("4", _l("four weeks"))]),
        default="2",
    )
    room = SelectField(_l("Venue and room"), validators=[Optional()], description=_l("Or write a place below."))
    venue = StringField(_l("Venue"), [Optional(), Length(max=160)])
    address = StringField(_l("Address"), [Optional(), Length(max=240)])
    access = StringField(_l("How to get there"), [Optional(), Length(max=400)])
    accessibility = StringField(_l("Accessibility of the place"), [Optional(), Length(max=400)])
    video_url = StringField(_l("Video link"), [Optional(), Length(max=400), _is_link])
    capacity = IntegerField(_l("Seats"), [InputRequired(_l("Enter a number.")), NumberRange(1, 1000)], default=10)
    minimum = IntegerField(_l("Minimum"), [InputRequired(_l("Enter a number.")), NumberRange(1, 1000)], default=4)
    decision_on = DateField(_l("Decide on"), [Optional()], description=_l("The day it is confirmed or cancelled."))
    decider = SelectField(_l("Who decides"), validators=[Optional()])
    cost = MoneyField(_l("Cost excl. VAT (€)"), [Optional()], description=_l("Trainers, room, travel. Only your firm sees it."))
    notes = TextAreaField(_l("Notes of your firm"), [Optional(), Length(max=4000)], description=_l("No client sees them."))
    seen, anyway, reviewed = HiddenField(), HiddenField(), HiddenField()

    known_rooms: dict[str, Room]

    def offer(self, rooms: list[Room], trainers: list[tuple[str, str]], deciders: list[tuple[str, str]]) -> None:
        """Fill the lists to choose from."""
        self.known_rooms = {str(room.id): room for room in rooms}
        named = [(key, f"{room.venue.name}, {room.name} ({room.seats})") for key, room in self.known_rooms.items()]
        self.room.choices = options([("", "—"), *named])
        self.trainers.choices = options(trainers)
        self.decider.choices = options([("", "—"), *deciders])
        for line in self.lines:
            line.form.room.choices = options([("", _l("as the session")), *named])

    def validate(self, extra_validators: Any = None) -> bool:
        """What is wrong in a line is said of the lines, by its number: the summary of errors shows one sentence a field."""
        fine = bool(super().validate(extra_validators))
        for number, entry in enumerate(self.lines, 1):
            for errors in entry.form.errors.values():
                self.lines.errors = [_l("Line %(n)s: %(what)s", n=number, what=errors[0])]
                return False
        return fine

    def edit(self, act: str) -> None:
        """What the buttons of the lines do: one more, one less, the same again every so many weeks."""
        name, _dash, number = act.partition("-")
        if name == "add" and len(self.lines) < MOST_SLOTS:
            self.lines.append_entry()
        elif name == "remove" and number.isdecimal() and int(number) < len(self.lines):
            self.lines.entries.pop(int(number))
        elif name == "fill":
            self._repeat(self.times.data or 0, int(self.weeks.data or 1))

    def _repeat(self, times: int, weeks: int) -> None:
        filled = [line.form for line in self.lines if line.form.day.data]
        self.lines.entries[:] = [line for line in self.lines if line.form.day.data]
        for n in range(1, min(times, 30)):
            for line in filled:
                if len(self.lines) < MOST_SLOTS:
                    again = {**line.data, "slot": "", "day": line.day.data + dt.timedelta(weeks=n * weeks)}
                    self.lines.append_entry(again)

    def plan(self) -> Plan:
        """What was typed, as a plan. Raises Refused for lines that make no half-day."""
        return Plan(
            halves=tuple(self._halves()), place=self._place(), trainers=frozenset(UUID(one) for one in self.trainers.data or ()),
            language=self.language.data, time_zone=self.time_zone.data, capacity=self.capacity.data, minimum=self.minimum.data,
            decision_on=self.decision_on.data, decider_id=UUID(self.decider.data) if self.decider.data else None,
            notes=(self.notes.data or "").strip(), cost_cents=self.cost.data or 0,
        )  # fmt: skip

    def _place(self) -> Place:
        link = (self.video_url.data or "").strip()
        room = self.known_rooms.get(self.room.data or "")
        if room is None:
            place = [(field.data or "").strip() for field in (self.venue, self.address, self.access)]
            return Place(place[0], place[1], place[2], link, (self.accessibility.data or "").strip())
        venue = room.venue
        return Place(f"{venue.name}, {room.name}", venue.address, venue.access, link, venue.accessibility, room.id)

    def _halves(self) -> Iterator[Half]:
        for number, entry in enumerate(self.lines, 1):
            line = entry.form
            if not line.is_filled:
                continue
            if not line.day.data:
                raise Refused(_l("Line %(n)s has no day.", n=number), "lines")
            for start, end in self._hours(line, number):
                yield Half(
                    self._moment(line.day.data, start), self._moment(line.day.data, end), _id(line.slot.data), self._own(line)
                )

    def _hours(self, line: LineForm, number: int) -> list[tuple[dt.time, dt.time]]:
        if line.start.data and line.end.data:
            return [(line.start.data, line.end.data)]
        if line.start.data or line.end.data or line.part.data == "timed":
            raise Refused(_l("Line %(n)s needs both hours, from and to.", n=number), "lines")
        return [(self[f"{half}_from"].data, self[f"{half}_to"].data) for half in HALVES[line.part.data]]

    def _moment(self, day: dt.date, time: dt.time) -> dt.datetime:
        return dt.datetime.combine(day, time, ZoneInfo(self.time_zone.data)).astimezone(dt.UTC)

    def _own(self, line: LineForm) -> Place | None:
        """A half-day's own place: a room of ours, a place written, or another link; None where it is the session's."""
        room, link = self.known_rooms.get(line.room.data or ""), (line.video_url.data or "").strip()
        if room is not None:
            return Place(f"{room.venue.name}, {room.name}", room.venue.address, "", link, "", room.id)
        name, _comma, address = (line.venue.data or "").strip().partition(",")
        return Place(name.strip(), address.strip(), "", link) if name or link else None

    def show(self, plan: Plan) -> None:
        """Fill the form from a plan."""
        place = plan.place
        self.language.data, self.time_zone.data = plan.language, plan.time_zone
        self.trainers.data = [str(one) for one in plan.trainers]
        self.room.data = str(place.room_id) if place.room_id and str(place.room_id) in self.known_rooms else ""
        if not self.room.data:
            self.venue.data, self.address.data, self.access.data = place.venue, place.address, place.access
            self.accessibility.data = place.accessibility
        self.video_url.data = place.video_url
        self.capacity.data, self.minimum.data, self.decision_on.data = plan.capacity, plan.minimum, plan.decision_on
        self.decider.data = str(plan.decider_id) if plan.decider_id else ""
        self.notes.data = plan.notes
        if plan.cost_cents:
            self.cost.data = plan.cost_cents
        self.lines.entries.clear()
        self.lines.last_index = -1
        for half in plan.halves:
            self.lines.append_entry(_line(half, plan, self.known_rooms))

    def usual_hours(self) -> None:
        for name, hour in USUAL.items():
            self[name].data = hour


def _line(half: Half, plan: Plan, rooms: dict[str, Room]) -> dict[str, Any]:
    start, end = (moment.astimezone(plan.zone) for moment in (half.starts_at, half.ends_at))
    own = half.place
    in_list = str(own.room_id) if own and str(own.room_id) in rooms else ""
    return {
        "slot": str(half.id or ""), "day": start.date(), "part": "timed", "start": start.time(),
        "end": end.time(), "room": in_list, "video_url": own.video_url if own else "",
        "venue": ", ".join(part for part in (own.venue, own.address) if part) if own and not in_list else "",
    }  # fmt: skip


def _id(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
