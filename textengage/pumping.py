"""The pump as this product runs it: what it takes in, and the chores it does at times."""

from accounts import fingerprints
from messaging.dispatch import receipts
from messaging.dispatch.pump import Pump
from messaging.inbound import intake, recovery
from reporting import exports
from textengage.lib.scoping import across_customers


def make_pump() -> Pump:
    """A pump ready to start. Raises ImproperlyConfigured for the wrong pepper."""
    with across_customers():
        fingerprints.check_pepper()
    return Pump(
        intake=(receipts.apply_waiting, intake.take_in),
        chores=(recovery.recover, exports.sweep),
    )
