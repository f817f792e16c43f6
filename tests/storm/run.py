"""The storm itself, on ground that is prepared: `main` is called by `child` with Django set up."""

import json
import sys
from collections.abc import Sequence

from messaging.dispatch import callbacks
from tests.storm import ground, interleavings, world
from tests.storm.options import Options, parse
from tests.storm.place import Place, Rows
from tests.storm.plan import plan
from tests.storm.processes import Processes, ProcessFailed
from tests.storm.report import Report
from tests.storm.schedule import rage
from textengage.lib.embedded import Server
from textengage.lib.scoping import across_customers


def main(words: Sequence[str]) -> None:
    options = parse(words)
    home = ground.var()
    server = Server(home / "postgres")
    server.hold()
    report = Report(options)
    processes = Processes(home)
    # Everything that is done here concerns every customer: it is not the product.
    with across_customers():
        try:
            if options.schedules:
                place = _place(server, processes)
                processes.start()
                _rent_numbers(place)
                _rage(options, place, report)
        except (ProcessFailed, KeyboardInterrupt) as error:
            report.stop(error)
        finally:
            processes.stop()
    if options.interleavings and not report.stopped:
        interleavings.run(options, report)
    for line in report.last_words():
        print(line, file=sys.stderr)
    print(json.dumps(report.as_json()), flush=True)
    sys.exit(report.status())


def _place(server: Server, processes: Processes) -> Place:
    """With today's clock and nothing left of an earlier storm."""
    rows = Rows(ground.url_of(server, ground.DATABASE))
    world.empty(rows.connection())
    world.forget_licenses(rows.connection())
    place = Place(server, processes, rows, world.houses())
    place.let_pass(0)
    return place


def _rent_numbers(place: Place) -> None:
    """Tell the carrier where to post what candidates write."""
    place.processes.carrier.rent(
        [
            {
                "account": house.account.account_sid,
                "number": house.sender.address,
                "sms_url": callbacks.inbound_url("twilio", house.account.id),
            }
            for house in place.houses.values()
        ]
    )


def _rage(options: Options, place: Place, report: Report) -> None:
    for number in range(options.first, options.first + options.schedules):
        report.add(rage(place, plan(options.seed, number)))
        if report.is_hopeless:
            return
