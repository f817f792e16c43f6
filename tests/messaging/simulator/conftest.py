"""One carrier for the session, quick and emptied before each test."""

from collections.abc import Iterator

import pytest
from twilio.rest import Client

from tests.messaging.simulator import program
from tests.messaging.simulator.program import Listener, Program


@pytest.fixture(scope="session")
def running() -> Iterator[Program]:
    running = Program(
        *("--account", f"{program.ACCOUNT}:{program.TOKEN}"),
        *("--account", f"{program.OTHER_ACCOUNT}:{program.OTHER_TOKEN}"),
        *("--number", f"{program.ACCOUNT}:{program.NUMBER}"),
        *("--number", f"{program.OTHER_ACCOUNT}:{program.OTHER_NUMBER}"),
        *("--phone", f"{program.DANA}=Dana Kim"),
        *("--sent-after", "0.02", "--final-after", "0.02", "--answer-after", "0.02"),
    )
    yield running
    running.stop()


@pytest.fixture
def carrier(running: Program) -> Program:
    running.call("POST", "/carrier/reset", {"everything": True})
    return running


@pytest.fixture
def client(carrier: Program) -> Iterator[Client]:
    client = carrier.client()
    yield client
    client.http_client.session.close()


@pytest.fixture(scope="session")
def listening() -> Iterator[Listener]:
    listener = Listener()
    server = listener.start()
    yield listener
    server.shutdown()
    server.server_close()


@pytest.fixture
def listener(listening: Listener) -> Listener:
    listening.posts.clear()
    listening.drop = 0
    return listening
