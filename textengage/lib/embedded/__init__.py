"""What a machine without services uses instead: a PostgreSQL of its own and folders as broker."""

from textengage.lib.embedded.broker import broker_options
from textengage.lib.embedded.local_secrets import adopt_secrets, local_secrets
from textengage.lib.embedded.server import Server, ServerFailed, database_url

__all__ = [
    "Server",
    "ServerFailed",
    "adopt_secrets",
    "broker_options",
    "database_url",
    "local_secrets",
]
