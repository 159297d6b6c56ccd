"""News of this feature that features above it answer."""

from blinker import Namespace

_news = Namespace()
# Sent with member_ids; receivers return the set of those they hold something of.
members_in_use = _news.signal("members-in-use")
# Sent with member_ids, in the transaction in which they leave.
members_left = _news.signal("members-left")
# Sent with workspace_id, in its scope, before a client is archived; receivers return how many people are in sessions to come.
seats_to_come = _news.signal("seats-to-come")
