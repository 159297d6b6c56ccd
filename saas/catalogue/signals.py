"""News of sessions that features above this one answer."""

from blinker import Namespace

_news = Namespace()
session_cancelled = _news.signal("session-cancelled")
session_confirmed = _news.signal("session-confirmed")
# Sent with session and changed, a set of "dates", "place", "video" and "trainers", in the transaction that changes them.
session_moved = _news.signal("session-moved")
