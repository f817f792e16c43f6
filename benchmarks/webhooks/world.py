"""Fills the benchmark's database once: Acme and people who have all been sent a text."""

from django.db import connection, transaction

from benchmarks import _people
from benchmarks._carrier import TOKEN
from benchmarks.webhooks.requests import PEOPLE
from textengage import cast


def main(words: list[str]) -> None:
    del words
    with transaction.atomic():
        _people.populate(cast.acme(TOKEN), PEOPLE)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
