"""People: what they sign in with (account), and what they are to a firm (staff) or to a client company (member)."""

from saas.identity.models.accounts import (
    Account,
    AccountAddress,
    RecoveryCode,
    SecondFactor,
    SignIn,
    SignInCode,
    SignInGrant,
)
from saas.identity.models.people import (
    MEMBER_ROLES,
    STAFF_ROLES,
    Invitation,
    Member,
    Staff,
    StaffCard,
    StaffClient,
    StaffDocument,
    StaffPin,
)
from saas.identity.sso.models import SsoConnection

__all__ = [
    "MEMBER_ROLES", "STAFF_ROLES", "Account", "AccountAddress", "Invitation", "Member", "RecoveryCode", "SecondFactor", "SignIn",
    "SignInCode", "SignInGrant",
    "SsoConnection", "Staff", "StaffCard", "StaffClient", "StaffDocument", "StaffPin",
]  # fmt: skip
