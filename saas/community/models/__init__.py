"""A community space. Content has a third lock: active membership of its zone, held by the policies themselves."""

from saas.community.models.notices import Notice
from saas.community.models.rituals import Occurrence, Ritual, Rsvp
from saas.community.models.spaces import Space, Zone, ZoneMandate, ZoneMember
from saas.community.models.threads import Post, Thread

__all__ = ["Notice", "Occurrence", "Post", "Ritual", "Rsvp", "Space", "Thread", "Zone", "ZoneMandate", "ZoneMember"]
