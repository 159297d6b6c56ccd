"""What single sign-on holds about people: what a directory calls them, and what it last said of them."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, delete, select

from saas.identity.sso.commands.ending import end_person
from saas.identity.sso.models import SsoIdentity
from saas.kit.personal import Erasing, Fact, Part, Person, Row, holds_personal
from tenants.db import db
from tenants.scope import Kind, Scope, inside


def _rows(whose: ColumnElement[bool]) -> Sequence[Row]:
    rows = db.session.scalars(select(SsoIdentity).where(whose).order_by(SsoIdentity.created_at))
    return [
        [
            Fact("issuer", _l("Directory"), row.issuer), Fact("subject", _l("What it calls you"), row.subject),
            Fact("name", _l("Name"), row.claims.get("name")), Fact("address", _l("Address"), row.claims.get("email")),
            Fact("first_at", _l("First came on"), row.created_at), Fact("last_at", _l("Last came on"), row.last_at),
        ]
        for row in rows
    ]  # fmt: skip


def _read(person: Person) -> Sequence[Row]:
    return _rows(SsoIdentity.member_id == person.member_id)


def _read_staff(person: Person) -> Sequence[Row]:
    return _rows(SsoIdentity.staff_id == person.staff_id)


def _erase(person: Person, _how: Erasing) -> None:
    """What the directory called them, and what it had opened to them."""
    own = SsoIdentity.member_id == person.member_id
    links = db.session.scalars(select(SsoIdentity).where(own)).all()
    with inside(Scope.platform()):
        for link in links:
            end_person(link.connection_id, link.subject)
    db.session.execute(delete(SsoIdentity).where(own))


holds_personal(
    Part(
        "directory", _l("Your company’s directory"), _l("what your company’s directory calls you, the name and address it last gave"),
        _l("let you in with the account you have at work"), "contract", ("sso_identity",), _read, erase=_erase,
    )
)  # fmt: skip
holds_personal(
    Part(
        "own_directory", _l("The firm’s directory"), _l("what the firm’s directory calls you, the name and address it last gave"),
        _l("let you in with the account you have at work"), "contract", (), _read_staff, Kind.FIRM,
    )
)  # fmt: skip
