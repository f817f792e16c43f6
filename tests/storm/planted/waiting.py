"""Bugs in leases, holds and expiry."""

from typing import Final

from tests.storm.planted.plant import Plant

SWEEPS: Final = "messaging/dispatch/sweeps.py"

PLANTS: Final = (
    Plant(
        "lease_of_the_wire_requeues",
        "a text whose worker died on the wire is queued again",
        SWEEPS,
        "UPDATE messaging_message m SET state = 'uncertain', state_changed_at = app_now()",
        "UPDATE messaging_message m SET state = 'queued', state_changed_at = app_now()",
    ),
    Plant(
        "lease_by_another_clock",
        "the lease is counted by another clock than the claim",
        SWEEPS,
        "WHERE state = 'sending' AND state_changed_at < app_now() - %s::interval",
        "WHERE state = 'sending' AND state_changed_at < now() - %s::interval",
    ),
    Plant(
        "lease_never_ends",
        "a claim of a dead worker is never ended",
        SWEEPS,
        "return end_leases() + doubt() + release() + expire()",
        "return doubt() + release() + expire()",
    ),
    Plant(
        "held_for_ever",
        "what is held is never released",
        SWEEPS,
        "return end_leases() + doubt() + release() + expire()",
        "return end_leases() + doubt() + expire()",
    ),
    Plant(
        "queued_never_expires",
        "a queued text never expires",
        SWEEPS,
        "WHERE state IN ('held', 'queued') AND expires_at",
        "WHERE state IN ('held') AND expires_at",
    ),
    Plant(
        "worker_gives_back_the_wire",
        "a worker that ends gives back what is on the wire",
        SWEEPS,
        "states=[status.CLAIMED]",
        "states=[status.CLAIMED, status.SENDING]",
    ),
)
