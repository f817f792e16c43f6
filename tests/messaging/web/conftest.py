"""Clients of the cast."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User

SignedIn = Callable[[User], Client]


@pytest.fixture
def as_rita(rita: User, signed_in: SignedIn) -> Client:
    """Licensed, with a number."""
    return signed_in(rita)


@pytest.fixture
def as_rex(rex: User, signed_in: SignedIn) -> Client:
    """Without a license."""
    return signed_in(rex)


@pytest.fixture
def as_mona(mona: User, signed_in: SignedIn) -> Client:
    """A Manager, without a license."""
    return signed_in(mona)


@pytest.fixture
def as_gus(gus: User, signed_in: SignedIn) -> Client:
    """The stranger."""
    return signed_in(gus)
