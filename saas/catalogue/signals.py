"""News of sessions that features above this one answer."""

from blinker import Namespace

_news = Namespace()
session_cancelled = _news.signal("session-cancelled")
session_confirmed = _news.signal("session-confirmed")
# Sent with session= and changed=, a set of "dates", "place", "video" and "trainers". The session is an open or confirmed one, as
# it is now; `sequence` has grown when what calendars show changed. FormerDay holds the days that were taken out.
session_moved = _news.signal("session-moved")
# Sent with session= when it holds more seats than before: whoever waits may have one.
seats_added = _news.signal("seats-added")
# Asked with session_id=: receivers give how many people hear of what becomes of it.
people_concerned = _news.signal("people-concerned")
