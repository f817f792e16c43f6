"""The admin of people and of the company. Importing a module registers its admin."""

from accounts.admin import audit_entries, customers, licenses, seats, teams, users

__all__ = ["audit_entries", "customers", "licenses", "seats", "teams", "users"]
