"""News of sessions that features above this one answer."""

from blinker import Namespace

_news = Namespace()
session_cancelled = _news.signal("session-cancelled")
session_confirmed = _news.signal("session-confirmed")
