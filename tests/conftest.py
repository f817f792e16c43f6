"""The cast: Acme's Rita, Rex, Mona and Carla; Globex's Gus, the stranger; Dana and Omar."""

from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from django.db.backends.base.creation import TEST_DATABASE_PREFIX
from django.test import Client
from django.test.utils import setup_databases, teardown_databases
from pytest_django import DjangoDbBlocker

from accounts.models import User
from credits import countries
from credits.models import Country, Tier
from messaging.candidates.models import Candidate
from messaging.conversations import threads
from messaging.conversations.models import Conversation
from textengage import cast, invariants
from textengage.cast import Company
from textengage.lib.scoping import across_customers, within

TOKEN = "the carrier's secret in tests"
LASTING = {
    *("django_migrations", "django_content_type", "auth_permission"),
    *("credits_country", "credits_tier"),
}
"""Tables whose rows come with the migrations."""


@pytest.fixture
def acme(db: None) -> Company:
    return cast.acme(TOKEN)


@pytest.fixture
def globex(db: None) -> Company:
    return cast.globex(TOKEN)


@pytest.fixture
def in_acme(acme: Company) -> Iterator[Company]:
    """Acme in scope for the whole test, as in a request of one of its people."""
    with within(acme.customer):
        yield acme


@pytest.fixture
def rita(acme: Company) -> User:
    """A licensed recruiter with a number."""
    return acme.people["Rita"]


@pytest.fixture
def rex(acme: Company) -> User:
    return acme.people["Rex"]


@pytest.fixture
def mona(acme: Company) -> User:
    return acme.people["Mona"]


@pytest.fixture
def carla(acme: Company) -> User:
    return acme.people["Carla"]


@pytest.fixture
def gus(globex: Company) -> User:
    return globex.people["Gus"]


@pytest.fixture
def dana(acme: Company) -> Candidate:
    return cast.dana(acme)


@pytest.fixture
def omar(acme: Company) -> Candidate:
    return cast.omar(acme)


@pytest.fixture
def thread(acme: Company, dana: Candidate) -> Conversation:
    """Rita's thread with Dana, empty."""
    with within(acme.customer):
        return threads.open_with(dana, by=acme.people["Rita"])


@pytest.fixture
def signed_in() -> Callable[[User], Client]:
    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


@pytest.fixture(scope="session")
def test_database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The test database, also where no selected test asks pytest-django for it."""
    with django_db_blocker.unblock():
        is_there = connection.settings_dict["NAME"].startswith(TEST_DATABASE_PREFIX)
        made = [] if is_there else setup_databases(verbosity=0, interactive=False)
    yield
    with django_db_blocker.unblock():
        teardown_databases(made, verbosity=0)


@pytest.fixture
def committed(test_database: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Rows written in this test are really there, for other connections; emptied after it."""
    with django_db_blocker.unblock():
        countries.load(Country, Tier)
        try:
            yield
        finally:
            tables = set(connection.introspection.table_names()) - LASTING
            with connection.cursor() as cursor:
                cursor.execute(f"TRUNCATE {', '.join(sorted(tables))}")
            connection.close()


@pytest.fixture
def open_acme(committed: None) -> Company:
    """Acme, committed."""
    return cast.acme(TOKEN)


@pytest.fixture
def everyone() -> Iterator[None]:
    """Every customer in view, as the pump, the hooks and the chores have it."""
    with across_customers():
        yield


@pytest.fixture
def sound(request: pytest.FixtureRequest) -> Iterator[None]:
    """No invariant is violated when the test is over."""
    request.getfixturevalue("committed" if "open_acme" in request.fixturenames else "db")
    yield
    found = invariants.inspect().findings
    assert {each.code: finding.ids for each, finding in found.items() if finding.count} == {}
