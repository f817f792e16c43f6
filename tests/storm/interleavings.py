"""The in-process part, on databases of its own beside the storm's. The workers have ended."""

from tests.storm import machine
from tests.storm.options import Options
from tests.storm.report import Report


def run(options: Options, report: Report) -> None:
    """Add so many interleavings to what the storm found."""
    try:
        ran = machine.run(options.interleavings, options.seed)
    except machine.Failed as failure:
        report.add_interleavings(0, failure=str(failure))
    else:
        report.add_interleavings(ran["interleavings"])
