"""What makes a storm fail, and what makes it void."""

import pytest

from tests.storm.options import Options
from tests.storm.report import LONG, Report


@pytest.fixture
def report() -> Report:
    """Of a long run in which nothing was found and one fault struck often enough."""
    report = Report(Options(schedules=LONG, seed=1, first=1, interleavings=0, json=True))
    report.schedules, report.messages = LONG, 10_000
    report.asked.update({"latency": 50})
    report.struck.update({"latency": 10})
    return report


def test_report_of_a_run_without_findings_is_good(report: Report) -> None:
    assert report.status() == 0


@pytest.mark.parametrize(
    "count", ["lost", "doubled", "double_charged", "uncharged", "uncertain", "violations"]
)
def test_report_fails_for_each_of_the_six_counts(report: Report, count: str) -> None:
    report.counts[count] = 1
    assert report.status() == 1


def test_report_of_a_run_without_texts_fails(report: Report) -> None:
    report.messages = 0
    assert report.status() == 1


def test_report_of_a_long_run_is_void_where_a_fault_hardly_struck(report: Report) -> None:
    report.struck["latency"] = 9
    assert (report.status(), report.void) == (2, ["latency"])


def test_report_of_a_short_run_is_never_void(report: Report) -> None:
    report.struck["latency"] = 0
    report.schedules = LONG - 1
    assert report.status() == 0
