"""What every report keeps, today's and those to come."""

from typing import Any

import pytest

from accounts.models import User
from messaging.conversations import status
from reporting import catalogue
from reporting.base import Report
from tests.reporting import texts

every_report = pytest.mark.parametrize(
    "report", catalogue.REPORTS.values(), ids=list(catalogue.REPORTS)
)


@pytest.fixture
def traffic(dana: Any, stranger: Any) -> None:
    omar = texts.candidate(dana.customer, "Omar", "Haddad", kind="employee")
    for state in status.STATES:
        texts.text(dana, state=state)
        texts.text(omar, state=state)


def test_report_is_found_by_its_file() -> None:
    assert list(catalogue.REPORTS) == ["messages"]


@every_report
def test_report_is_well_declared(report: Report) -> None:
    assert report.code != "downloads"
    assert len({column.title for column in report.columns}) == len(report.columns)
    for filter in report.filters:
        assert len({option.code for option in filter.options}) == len(filter.options)


@every_report
@pytest.mark.usefixtures("traffic")
def test_every_figure_equals_its_rows(report: Report, rex: User) -> None:
    viewer = texts.viewer(rex)
    cards, _ = report.summary(viewer, texts.MARCH)
    for figure in [figure for card in cards for figure in (card.total, *card.parts)]:
        pages = report.pages(viewer, texts.MARCH, figure.filters, 7)
        rows = [tuple(cell.value for cell in row) for page in pages for row in page.rows]
        assert (figure.label, figure.value) == (figure.label, len(rows))


@every_report
@pytest.mark.usefixtures("traffic")
def test_report_without_the_power_has_no_rows(report: Report, rita: User) -> None:
    viewer = texts.viewer(rita)
    assert report.rows(viewer, texts.MARCH).count() == 0
    assert catalogue.find(viewer, report.code) is None
    assert catalogue.open_to(viewer) == []


@every_report
def test_unknown_filter_is_refused(report: Report, rex: User) -> None:
    with pytest.raises(KeyError):
        report.rows(texts.viewer(rex), texts.MARCH, {"nonsense": "1"})
