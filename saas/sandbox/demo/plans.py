"""What happens at the demo firm, by days from today."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from saas.kit.clock import PARIS


@dataclass(frozen=True, slots=True)
class Plan:
    """A session: programme number, days from today, clients, seats, minimum, how many of each client, wish for more."""

    programme: int
    days: int
    clients: tuple[int, ...]
    capacity: int
    minimum: int
    enrolled: tuple[int, ...]
    trainer: int
    state: str = "open"
    waiting: int = 0
    requested: int = 0


# Clients by their place in CLIENTS; inter sessions have two or three.
PLANS = (
    Plan(0, -74, (0,), 12, 6, (11,), 3, "done"),
    Plan(5, -61, (2,), 12, 6, (10,), 3, "done"),
    Plan(2, -47, (1,), 10, 6, (9,), 4, "done"),
    Plan(7, -40, (0, 1, 2), 10, 4, (3, 2, 2), 5, "done"),
    Plan(3, -33, (3,), 14, 6, (12,), 5, "done"),
    Plan(1, -20, (5,), 12, 5, (8,), 3, "done"),
    Plan(4, -9, (0, 3), 14, 6, (6, 4), 4, "done"),
    Plan(0, -2, (2,), 12, 6, (12,), 3, "confirmed"),
    Plan(0, 0, (0,), 12, 6, (10,), 3, "confirmed", 0, 0),
    Plan(2, 5, (1, 5), 10, 6, (2, 1), 4, "open", 0, 1),
    Plan(8, 9, (0, 2), 8, 5, (5, 3), 5, "confirmed", 3),
    Plan(0, 16, (0, 1, 3), 10, 6, (4, 2, 2), 3, "open", 0, 2),
    Plan(9, 23, (1,), 12, 6, (7,), 4, "open"),
    Plan(6, 30, (3,), 14, 6, (5,), 5, "open", 0, 1),
    Plan(5, 44, (2, 4), 12, 6, (4, 0), 3, "open"),
    Plan(10, 68, (0,), 12, 6, (3,), 4, "open"),
)


def working(day: dt.date) -> dt.date:
    """The day itself, or the Monday after a weekend."""
    return day + dt.timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


def slots(start: dt.date, half_days: int) -> list[tuple[dt.datetime, dt.datetime]]:
    """Half-days from a day on: mornings 9:00 to 12:30, afternoons 14:00 to 17:30, in Paris."""
    times = ((dt.time(9), dt.time(12, 30)), (dt.time(14), dt.time(17, 30)))
    found = []
    for n in range(half_days):
        if n and n % 2 == 0:
            start = working(start + dt.timedelta(days=1))
        day, (begin, end) = start, times[n % 2]
        found.append((dt.datetime.combine(day, begin, PARIS), dt.datetime.combine(day, end, PARIS)))
    return found
