"""Who asks: every way somebody can stand before an address."""

from typing import Final

SIGNED_OUT, DEACTIVATED, STAFF = "signed-out", "deactivated", "platform staff"
USER, UNLICENSED, REPORTER = "user", "user without license", "reporter"
MANAGER, CUSTOMER_ADMIN = "manager", "customer admin"
STRANGER = "customer admin of another customer"
TOKEN, STRANGERS_TOKEN = "token", "token of another customer"
UNLICENSED_TOKEN = "token without license"
LEFT, LEFT_TOKEN = "user of a customer who left", "token of a customer who left"

PRINCIPALS: Final = (
    SIGNED_OUT,
    DEACTIVATED,
    USER,
    UNLICENSED,
    REPORTER,
    MANAGER,
    CUSTOMER_ADMIN,
    STRANGER,
    STAFF,
    TOKEN,
    STRANGERS_TOKEN,
    UNLICENSED_TOKEN,
    LEFT,
    LEFT_TOKEN,
)

EVERYBODY: Final = frozenset(PRINCIPALS)
NOBODY: Final[frozenset[str]] = frozenset()
VIEWERS: Final = frozenset({USER, UNLICENSED, REPORTER, MANAGER, CUSTOMER_ADMIN, STRANGER})
"""People of a customer. The stranger is one, too: at the own customer."""
LICENSED: Final = VIEWERS - {UNLICENSED}
REPORTERS: Final = frozenset({REPORTER, MANAGER, CUSTOMER_ADMIN, STRANGER})
MANAGERS: Final = frozenset({MANAGER, CUSTOMER_ADMIN, STRANGER})
ONLY_STAFF: Final = frozenset({STAFF})
SIGNED_IN: Final = VIEWERS | {STAFF}
TOKENS: Final = frozenset({TOKEN, STRANGERS_TOKEN})
ALL_TOKENS: Final = TOKENS | {UNLICENSED_TOKEN, LEFT_TOKEN}
NO_SESSION: Final = EVERYBODY - SIGNED_IN

ROLES: Final = {
    USER: "user",
    UNLICENSED: "user",
    REPORTER: "reporter",
    MANAGER: "manager",
    CUSTOMER_ADMIN: "customer_admin",
}
