"""Puts the carrier together and runs it until told to stop."""

import asyncio
import signal
from collections.abc import AsyncIterator

from aiohttp import web

from messaging.simulator import control, handsets, numbers, phones, rest
from messaging.simulator.carrier import CARRIER, Carrier
from messaging.simulator.options import Options
from messaging.simulator.resources import API


def application(options: Options) -> web.Application:
    app = web.Application(client_max_size=1024 * 1024)
    app[CARRIER] = Carrier(options)
    app.add_routes(rest.routes())
    app.add_routes(numbers.routes())
    app.add_routes([web.route("*", API + "/{rest:.*}", rest.missing)])
    app.add_routes(control.routes())
    app.add_routes(phones.routes())
    app.add_routes(handsets.routes())
    app.cleanup_ctx.append(_poster)
    app.on_shutdown.append(_end_streams)
    return app


async def _poster(app: web.Application) -> AsyncIterator[None]:
    await app[CARRIER].poster.open()
    yield
    await app[CARRIER].poster.close()


async def _end_streams(app: web.Application) -> None:
    app[CARRIER].live.close()


async def run(options: Options) -> None:
    """Serve until SIGTERM or SIGINT; says where on standard output once it listens."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    runner = web.AppRunner(application(options), access_log=None, shutdown_timeout=0.3)
    await runner.setup()
    try:
        site = web.TCPSite(runner, options.host, options.port, backlog=1024)
        await site.start()
        port = runner.addresses[0][1]
        print(f"Simulated carrier: http://{options.host}:{port}/", flush=True)
        await stop.wait()
    finally:
        await runner.cleanup()
