"""Telephone numbers of people nobody is, all in exchange 555."""


def person(n: int) -> str:
    """A distinct number for each of eight million people, from 1."""
    return f"+1{200 + n // 10_000}555{n % 10_000:04d}"
