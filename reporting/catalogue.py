"""Every report there is: one file in ``reporting/reports`` each, found by itself."""

from accounts.viewer import Viewer
from reporting.base import Report
from textengage.lib import registry

REPORTS: dict[str, Report] = registry.discover("reporting.reports", Report)


def open_to(viewer: Viewer) -> list[Report]:
    """The reports a viewer may read, by title."""
    return sorted(
        (report for report in REPORTS.values() if viewer.can(report.power)),
        key=lambda report: report.title,
    )


def find(viewer: Viewer, code: str) -> Report | None:
    """A report by its code; None when there is none, or none for this viewer."""
    report = REPORTS.get(code)
    return report if report and viewer.can(report.power) else None
