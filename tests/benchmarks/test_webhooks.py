"""Whether the load's callbacks are ones the product takes, and a lost one is noticed."""

import pytest

from benchmarks._benchmark import BenchmarkFailed
from benchmarks._carrier import TOKEN
from benchmarks._figures import percentile
from benchmarks.webhooks.requests import Callbacks
from benchmarks.webhooks.rows import compare
from messaging import providers
from messaging.providers import Credentials
from textengage.cast import ACME_SID

CALLBACKS = Callbacks("http://127.0.0.1:8000", "01a20874-8c4f-7ed1-97de-12041c9a052b", "b1")


def test_percentile_is_a_figure_that_was_measured() -> None:
    figures = list(range(100, 0, -1))
    assert [percentile(figures, share) for share in (0.5, 0.95, 0.99, 1)] == [50, 95, 99, 100]
    assert percentile([7], 0.01) == 7
    with pytest.raises(ValueError, match="no figures"):
        percentile([], 0.5)


def test_callbacks_are_signed_as_the_provider_signs() -> None:
    for request in CALLBACKS.bytes_of(4):
        head, _, body = request.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (li.partition(": ") for li in lines)}
        assert headers["content-length"] == str(len(body))
        url = CALLBACKS.public_url + first.split()[1]
        credentials = Credentials(ACME_SID, (TOKEN,), concurrency=1)
        assert providers.get("twilio").verify(url, body, headers, credentials)


def test_every_callback_is_another_one() -> None:
    keys = [CALLBACKS.key(i) for i in range(40_000)]
    assert len(set(keys)) == 40_000


def test_an_answered_callback_without_a_row_is_lost() -> None:
    keys = [("a",), ("b", "sent"), ("c",)]
    assert compare(keys, [("a",), ("b", "sent"), ("c",)], []) == 3
    assert compare(keys, [("a",), ("b", "sent")], [2]) == 2
    for stored in ([("a",)], [*keys, ("a",)], [*keys, ("d",)]):
        with pytest.raises(BenchmarkFailed):
            compare(keys, stored, [])
