"""The secret address of somebody's calendar: made, shown again, replaced, withdrawn. Staff's in firm scope, a member's in their
workspace's; only the token's hash is stored.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete, select

from saas.catalogue.models import MemberFeed, StaffFeed
from saas.kit import journal
from saas.kit.tokens import derived, hashed
from tenants.db import db, new_id

PURPOSE = "calendar"


def token_of(feed: StaffFeed | MemberFeed) -> str:
    """The token of a feed, made from its row."""
    return derived(PURPOSE, feed.id)


def shown_again(feed: StaffFeed | MemberFeed | None) -> str | None:
    """The token that opens a feed; none when it was made with another SECRET_KEY: it still opens, and cannot be shown."""
    token = token_of(feed) if feed else ""
    return token if feed and hashed(token) == feed.token_hash else None


def staff_feed(staff_id: UUID) -> StaffFeed | None:
    return db.session.scalar(select(StaffFeed).where(StaffFeed.staff_id == staff_id))


def member_feed(member_id: UUID) -> MemberFeed | None:
    return db.session.scalar(select(MemberFeed).where(MemberFeed.member_id == member_id))


def renew_staff(staff_id: UUID) -> StaffFeed:
    """A first address, or a new one: the one before leads nowhere from now on."""
    withdraw_staff(staff_id)
    feed = StaffFeed(id=new_id(), staff_id=staff_id)
    _write(feed, staff_id)
    return feed


def renew_member(member_id: UUID) -> MemberFeed:
    """See renew_staff."""
    withdraw_member(member_id)
    feed = MemberFeed(id=new_id(), member_id=member_id)
    _write(feed, member_id)
    return feed


def _write(feed: StaffFeed | MemberFeed, owner_id: UUID) -> None:
    feed.token_hash = hashed(token_of(feed))
    db.session.add(feed)
    db.session.flush()
    journal.note("calendar.address_made", "", owner_id)


def withdraw_staff(staff_id: UUID) -> None:
    db.session.execute(delete(StaffFeed).where(StaffFeed.staff_id == staff_id))


def withdraw_member(member_id: UUID) -> None:
    db.session.execute(delete(MemberFeed).where(MemberFeed.member_id == member_id))
