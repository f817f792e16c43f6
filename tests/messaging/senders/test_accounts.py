"""A provider account's tokens: sealed for its row, two of them during a rotation."""

import pytest
from django.db import IntegrityError, transaction

from accounts import secrets
from messaging.senders.models import ProviderAccount, Sender
from tests.conftest import TOKEN
from textengage.cast import Company
from textengage.lib.scoping import across_customers

pytestmark = pytest.mark.usefixtures("everyone")


def test_token_is_sealed_and_read_back(acme: Company) -> None:
    stored = ProviderAccount.objects.get(id=acme.account.id)
    assert (stored.tokens, TOKEN in stored.sealed_token) == ((TOKEN,), False)


def test_next_token_is_good_during_a_rotation(acme: Company) -> None:
    account = acme.account
    account.sealed_next_token = secrets.seal(
        "next", customer_id=account.customer_id, row_id=account.id
    )
    assert account.tokens == (TOKEN, "next")


def test_token_of_another_account_does_not_open(acme: Company, globex: Company) -> None:
    acme.account.sealed_token = globex.account.sealed_token
    with pytest.raises(secrets.Unreadable):
        assert acme.account.tokens


def test_number_belongs_to_one_customer_until_it_is_released(
    acme: Company, globex: Company
) -> None:
    taken = {"customer": globex.customer, "account": globex.account, "address": acme.sender.address}
    with pytest.raises(IntegrityError), transaction.atomic():
        Sender.objects.create(**taken)
    Sender.objects.filter(id=acme.sender.id).update(state="released")
    with across_customers():
        assert Sender.objects.create(**taken).state == "active"
