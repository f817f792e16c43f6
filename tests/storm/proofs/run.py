"""A proof on ground that is prepared: `main` is called by `child` with Django set up."""

import sys
from collections.abc import Callable, Sequence
from typing import Final

from tests.storm import ground, world
from tests.storm.place import Place, Rows
from tests.storm.processes import ProcessFailed
from tests.storm.proofs import campaign, memory, stop_race
from tests.storm.proofs.crew import Crew
from tests.storm.proofs.findings import Findings, ProofFailed
from tests.storm.proofs.options import Options, parse
from textengage.lib.embedded import Server
from textengage.lib.scoping import across_customers

PROOFS: Final[dict[str, Callable[[Place, Crew, Options, Findings], None]]] = {
    "stop-race": stop_race.prove,
    "campaign": campaign.prove,
    "memory": memory.prove,
}


def main(words: Sequence[str]) -> None:
    options = parse(words)
    home = ground.var()
    server = Server(home / "postgres")
    server.hold()
    findings = Findings(options.name)
    crew = Crew(home)
    # Everything that is done here concerns every customer: it is not the product.
    with across_customers():
        try:
            place = _place(server, crew)
            PROOFS[options.name](place, crew, options, findings)
        except (ProcessFailed, ProofFailed, KeyboardInterrupt) as error:
            findings.find(f"{type(error).__name__}: {error}")
        finally:
            crew.stop()
    print(findings.last_line(), flush=True)
    sys.exit(findings.status())


def _place(server: Server, crew: Crew) -> Place:
    """With today's clock and nothing left of an earlier proof."""
    rows = Rows(ground.url_of(server, ground.DATABASE))
    world.empty(rows.connection())
    world.forget_licenses(rows.connection())
    place = Place(server, crew, rows, world.houses())
    place.let_pass(0)
    return place
