"""The running carrier: what it knows, how it misbehaves, whom it tells."""

from aiohttp import web

from messaging.simulator.callbacks import Poster
from messaging.simulator.faults import Faults
from messaging.simulator.live import Live
from messaging.simulator.options import Options
from messaging.simulator.state import State


class Carrier:
    def __init__(self, options: Options) -> None:
        self.options = options
        self.state = State(options)
        self.faults = Faults()
        self.live = Live()
        self.poster = Poster()

    def reset(self, *, everything: bool) -> None:
        """Forget the traffic and the faults; with `everything` also accounts and settings.

        What was on its way finds its message gone and stops.
        """
        self.faults = Faults()
        if everything:
            self.state = State(self.options)
        else:
            self.state.forget_traffic()
        self.live.touch("desk")


CARRIER = web.AppKey("carrier", Carrier)


def carrier_of(request: web.Request) -> Carrier:
    return request.app[CARRIER]
