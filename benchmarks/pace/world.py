"""Fills the benchmark's database once: Acme with its numbers, shared by all, and people."""

from django.db import connection, transaction

from benchmarks import _people
from benchmarks._carrier import TOKEN
from benchmarks.pace.numbers import MOST, allowance_of, number_of
from messaging.senders.models import Sender
from textengage import cast
from textengage.lib.scoping import within


def main(words: list[str]) -> None:
    """Words: how many people, at least as many as texts in a round."""
    with transaction.atomic():
        company = cast.acme(TOKEN)
        _people.populate(company, int(words[0]))
        with within(company.customer):
            Sender.objects.bulk_create(
                Sender(
                    customer=company.customer,
                    account=company.account,
                    address=number_of(i),
                    segments_per_second=allowance_of(i),
                )
                for i in range(MOST)
            )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
