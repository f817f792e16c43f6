"""Four cumulative roles and the powers each one brings (PRODUCT section 2).

A power is a Django permission on Customer. ``User.role`` is what people write; `sync`
derives the guardian rows: one group per customer and role holds the powers.
A license is no power: no role can send without one.
"""

from typing import Final

USER: Final = "user"
REPORTER: Final = "reporter"
MANAGER: Final = "manager"
CUSTOMER_ADMIN: Final = "customer_admin"

ROLES: Final = (USER, REPORTER, MANAGER, CUSTOMER_ADMIN)
LABELS: Final = {
    USER: "User",
    REPORTER: "Reporter",
    MANAGER: "Manager",
    CUSTOMER_ADMIN: "Customer Admin",
}

ADDS: Final[dict[str, dict[str, str]]] = {
    USER: {
        "use_candidates": "Can add, import, star, tag and note candidates",
        "use_inbox": "Can read threads and, with a license, answer",
    },
    REPORTER: {"read_reports": "Can read and download reports"},
    MANAGER: {
        "see_everyone": "Can see the Team Inbox and everybody's campaigns",
        "manage_people": "Can manage users, licenses and teams",
        "manage_sending": "Can manage numbers, registration and settings",
        "enter_admin": "Can enter the admin",
    },
    CUSTOMER_ADMIN: {"purge_candidates": "Can purge candidates"},
}

POWERS: Final[tuple[tuple[str, str], ...]] = tuple(
    (code, label) for added in ADDS.values() for code, label in added.items()
)


def powers_of(role: str) -> frozenset[str]:
    """Every power a role has, its own and those of the roles below it."""
    below = ROLES[: ROLES.index(role) + 1]
    return frozenset(code for each in below for code in ADDS[each])


def may_set(*, actor: str, target: str, new: str) -> bool:
    """Whether one role may turn a user of another role into a third (threat 18).

    Managers handle Users, Reporters and Managers. Customer Admins the same and may
    demote a Customer Admin. Only platform staff make somebody a Customer Admin.
    """
    if new == CUSTOMER_ADMIN and target != CUSTOMER_ADMIN:
        return False
    if actor == MANAGER:
        return target != CUSTOMER_ADMIN
    return actor == CUSTOMER_ADMIN
