"""Who: table of contents of this app's models."""

from accounts.models.audit_entry import AuditEntry
from accounts.models.customer import (
    PRODUCTS,
    Customer,
    CustomerGroupPermission,
    CustomerUserPermission,
)
from accounts.models.idempotent_answer import IdempotentAnswer
from accounts.models.license import License, Seat
from accounts.models.stored_file import StoredFile
from accounts.models.team import Team
from accounts.models.tick import Fingerprint, Tick
from accounts.models.user import User

__all__ = [
    "PRODUCTS",
    "AuditEntry",
    "Customer",
    "CustomerGroupPermission",
    "CustomerUserPermission",
    "Fingerprint",
    "IdempotentAnswer",
    "License",
    "Seat",
    "StoredFile",
    "Team",
    "Tick",
    "User",
]
