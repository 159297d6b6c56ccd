"""The needs one can tick, in the reader's words: what to do for somebody, never why."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

DIET = {
    "vegetarian": _l("Vegetarian"),
    "vegan": _l("Vegan"),
    "no-pork": _l("No pork"),
    "no-fish": _l("No fish or seafood"),
    "no-gluten": _l("No gluten"),
    "no-lactose": _l("No lactose"),
    "no-nuts": _l("No nuts or peanuts"),
    "no-alcohol": _l("No alcohol in dishes"),
}
ACCESS = {
    "step-free": _l("A way in without steps"),
    "wheelchair": _l("Room for a wheelchair"),
    "seat": _l("A suitable chair, or room to stand"),
    "front": _l("A place close to the screen and the trainer"),
    "large-print": _l("Documents in large print, or beforehand as files"),
    "hearing": _l("A microphone, or a hearing loop"),
    "captions": _l("Captions or written notes"),
    "breaks": _l("Longer or more frequent breaks"),
    "extra-time": _l("More time for exercises"),
}
