"""The admin of monthly contacts. Importing a module registers its admin."""

from credits.admin import countries, grants, records

__all__ = ["countries", "grants", "records"]
