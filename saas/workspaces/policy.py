"""Who may do what to whom among the people of one client: HR, limited HR, and staff acting for them."""

from __future__ import annotations

from uuid import UUID

from flask import g, has_request_context
from flask_babel import lazy_gettext as _l

from saas.kit.errors import Refused
from saas.workspaces.queries.people import perimeter


def by_staff() -> bool:
    """Whether the firm's staff acts, or the product itself in a job."""
    return not has_request_context() or bool(g.viewer.is_staff)


def is_oneself(member_id: UUID) -> bool:
    return has_request_context() and member_id == g.viewer.member_id


def must_answer_for_all() -> None:
    """Raises Refused for an HR limited to some sites or departments."""
    if perimeter():
        raise Refused(_l("You answer for some sites or departments only: ask an HR of the whole company."))


def must_hold(site: str, department: str) -> None:
    """Nobody is put outside the limits of who puts them. Raises Refused, by field."""
    limits = perimeter()
    if limits and limits.sites and site not in limits.sites:
        raise Refused(_l("Choose one of your sites: %(sites)s.", sites=", ".join(sorted(limits.sites))), "site")
    if limits and limits.departments and department not in limits.departments:
        own = ", ".join(sorted(limits.departments))
        raise Refused(_l("Choose one of your departments: %(departments)s.", departments=own), "department")
