from datetime import date

import pytest

from credits import countries
from credits.models import Country, Tier

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 1)

TIERS = {
    1: {"CA", "US"},
    2: {"AU", "LT", "PL", "PR", "GB"},
    3: {"AT", "CL", "CZ", "DK", "EE", "HU", "IL", "IT", "NL", "PH", "PT", "CH"},
}


def test_nineteen_countries_are_loaded_in_their_tiers() -> None:
    served = Country.objects.served(DAY)
    assert served.count() == 19
    assert {
        tier: set(served.filter(tier=tier).values_list("code", flat=True)) for tier in TIERS
    } == TIERS


def test_every_country_says_where_it_is_from() -> None:
    assert not Country.objects.filter(source="").exists()
    assert list(Tier.objects.values_list("label", flat=True)) == ["Tier 1", "Tier 2", "Tier 3"]


def test_loading_again_adds_nothing_and_keeps_what_staff_changed() -> None:
    Country.objects.filter(code="PL").update(tier=3, name="Polska")
    assert countries.load(Country, Tier) == 19
    poland = Country.objects.get(code="PL")
    assert (Country.objects.count(), poland.tier_id, poland.name) == (19, 3, "Polska")


def test_country_is_served_from_its_first_day_until_before_its_last() -> None:
    Country.objects.filter(code="PL").update(
        holds_from=date(2026, 3, 1), holds_to=date(2026, 11, 1)
    )
    days = [date(2026, 2, 28), date(2026, 3, 1), date(2026, 10, 31), date(2026, 11, 1)]
    served = [Country.objects.served(day).filter(code="PL").exists() for day in days]
    assert served == [False, True, True, False]


def test_country_without_local_numbers_is_not_served() -> None:
    Country.objects.filter(code="IL").update(has_local_numbers=False)
    assert not Country.objects.served(DAY).filter(code="IL").exists()
