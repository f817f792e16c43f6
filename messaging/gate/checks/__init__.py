"""One file per check, found by discovery; each one's ``rank`` is its place in the line."""
