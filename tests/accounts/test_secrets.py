"""Secrets at rest open for their own row alone."""

import base64
from uuid import UUID

import pytest
from pytest_django import Settings

from accounts import secrets
from accounts.secrets import Unreadable

CUSTOMER, ROW, OTHER = UUID(int=1), UUID(int=2), UUID(int=3)
TOKEN = "an auth token"


def sealed(text: str = TOKEN) -> str:
    return secrets.seal(text, customer_id=CUSTOMER, row_id=ROW)


def opened(text: str, customer_id: UUID = CUSTOMER, row_id: UUID = ROW) -> str:
    return secrets.unseal(text, customer_id=customer_id, row_id=row_id)


@pytest.mark.parametrize("text", [TOKEN, "", "żółw 🐢", "x" * 5_000])
def test_sealed_secret_opens(text: str) -> None:
    assert opened(sealed(text)) == text


def test_sealing_twice_looks_different_and_shows_nothing() -> None:
    first, second = sealed(), sealed()
    assert first != second
    assert TOKEN.encode() not in base64.urlsafe_b64decode(first.partition(".")[2])


@pytest.mark.parametrize(
    ("customer_id", "row_id"), [(OTHER, ROW), (CUSTOMER, OTHER), (ROW, CUSTOMER)]
)
def test_secret_of_another_row_or_customer_does_not_open(customer_id: UUID, row_id: UUID) -> None:
    with pytest.raises(Unreadable):
        opened(sealed(), customer_id, row_id)


def test_every_changed_byte_is_noticed() -> None:
    key_id, _, text = sealed().partition(".")
    raw = base64.urlsafe_b64decode(text)
    for position in range(len(raw)):
        changed = bytearray(raw)
        changed[position] ^= 1
        with pytest.raises(Unreadable):
            opened(f"{key_id}.{base64.urlsafe_b64encode(changed).decode()}")


def test_every_cut_is_noticed() -> None:
    whole = sealed()
    for length in range(len(whole)):
        with pytest.raises(Unreadable):
            opened(whole[:length])


@pytest.mark.parametrize("text", ["", ".", "plain text", "ffffffff.AAAA", "é.é", "\x00"])
def test_what_was_never_sealed_does_not_open(text: str) -> None:
    with pytest.raises(Unreadable):
        opened(text)


def test_rotation_seals_with_the_new_key_and_opens_both(settings: Settings) -> None:
    settings.SECRETS_KEYS = ["old"]
    before = sealed()
    settings.SECRETS_KEYS = ["new", "old"]
    after = sealed()
    assert (opened(before), opened(after)) == (TOKEN, TOKEN)
    settings.SECRETS_KEYS = ["new"]
    assert opened(after) == TOKEN
    with pytest.raises(Unreadable, match="the key that sealed this secret is not configured"):
        opened(before)


def test_another_key_under_the_same_name_does_not_open(settings: Settings) -> None:
    settings.SECRETS_KEYS = ["old"]
    _, _, text = sealed().partition(".")
    settings.SECRETS_KEYS = ["new"]
    with pytest.raises(Unreadable):
        opened(f"{sealed().partition('.')[0]}.{text}")


def test_keyed_hash_depends_on_the_pepper_and_the_text(settings: Settings) -> None:
    first = secrets.keyed_hash("sms:+15105550142")
    assert (len(first), first == secrets.keyed_hash("sms:+15105550142")) == (32, True)
    assert first != secrets.keyed_hash("sms:+15105550143")
    settings.PEPPER = "another"
    assert first != secrets.keyed_hash("sms:+15105550142")
