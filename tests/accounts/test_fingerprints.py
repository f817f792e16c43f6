import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from accounts import fingerprints
from accounts.models import Fingerprint
from textengage import pumping

pytestmark = pytest.mark.django_db


def test_pepper_is_remembered_without_being_stored(settings: Settings) -> None:
    fingerprints.check_pepper()
    fingerprints.check_pepper()
    known = Fingerprint.objects.get()
    assert (known.name, len(known.digest), settings.PEPPER in known.digest) == ("pepper", 64, False)


def test_other_pepper_is_refused_and_changes_nothing(settings: Settings) -> None:
    fingerprints.check_pepper()
    before = Fingerprint.objects.get().digest
    settings.PEPPER = "another pepper, just as long as the one before"
    with pytest.raises(ImproperlyConfigured, match="Every Do Not Text"):
        fingerprints.check_pepper()
    assert Fingerprint.objects.get().digest == before


def test_pump_does_not_start_with_another_pepper(settings: Settings) -> None:
    fingerprints.check_pepper()
    settings.PEPPER = "another pepper, just as long as the one before"
    with pytest.raises(ImproperlyConfigured):
        pumping.make_pump()
