"""Fills the benchmark's database once: Acme with many people, Globex with some."""

from django.db import connection, transaction

from benchmarks import _people
from benchmarks._carrier import TOKEN
from benchmarks.reply_under_campaign.constants import (
    POOL,
    REPLY_PEOPLE,
    pool_number_of,
)
from messaging.senders.models import Sender
from textengage import cast
from textengage.lib.scoping import within


def main(words: list[str]) -> None:
    """Words: how many people the campaign goes to."""
    with transaction.atomic():
        acme = cast.acme(TOKEN)
        with within(acme.customer):
            Sender.objects.bulk_create(
                Sender(customer=acme.customer, account=acme.account, address=pool_number_of(i))
                for i in range(POOL)
            )
        _people.populate(acme, REPLY_PEOPLE + int(words[0]))
        _people.populate(cast.globex(TOKEN), REPLY_PEOPLE)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
