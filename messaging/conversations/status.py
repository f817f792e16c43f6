"""The states of a text, and which may follow which (ARCHITECTURE section 5).

held <-> queued -> claimed -> sending -> accepted -> sent -> delivered -> read
            ^         |          |           `-> undelivered
            `---------'          |-> failed, queued (provably not sent)
                                 `-> uncertain -> accepted ... | queued | unconfirmed
refused, canceled, expired: never left. A late proof that it did (a receipt, an answer) moves
a text from any state to accepted and on (dispatch/late.py).
"""

from typing import Final

HELD, QUEUED, CLAIMED, SENDING = "held", "queued", "claimed", "sending"
ACCEPTED, SENT, DELIVERED, READ = "accepted", "sent", "delivered", "read"
UNDELIVERED, FAILED, UNCERTAIN, UNCONFIRMED = "undelivered", "failed", "uncertain", "unconfirmed"
REFUSED, CANCELED, EXPIRED, RECEIVED = "refused", "canceled", "expired", "received"

OUTBOUND: Final = (
    HELD, QUEUED, CLAIMED, SENDING, ACCEPTED, SENT, DELIVERED, READ, UNDELIVERED,
    FAILED, UNCERTAIN, UNCONFIRMED, REFUSED, CANCELED, EXPIRED,
)  # fmt: skip
STATES: Final = (*OUTBOUND, RECEIVED)

# At most one of these per person, over all channels and senders: a partial unique index.
IN_FLIGHT: Final = (CLAIMED, SENDING, UNCERTAIN)
# Not ended, and not with the provider yet: what an opt-out, a merge or the order of texts
# to one person has to look at.
UNDER_WAY: Final = (HELD, QUEUED, *IN_FLIGHT)
# The provider has it, or had it.
LEFT: Final = (ACCEPTED, SENT, DELIVERED, READ, UNDELIVERED)
# What may have cost a contact, and keeps the 45 days.
COUNTED: Final = (*IN_FLIGHT, UNCONFIRMED, *LEFT)
NEVER_LEFT: Final = (HELD, QUEUED, FAILED, REFUSED, CANCELED, EXPIRED)
# Texts whose author should know that they did not go: the folder "Not sent".
NOT_SENT: Final = (HELD, REFUSED, FAILED, EXPIRED, UNDELIVERED, UNCERTAIN, UNCONFIRMED)
WITHDRAWABLE: Final = (HELD, QUEUED, CLAIMED)

# A receipt moves a text up this ladder, never down (RELIABILITY 2.2 rule 9).
RANK: Final = {ACCEPTED: 1, SENT: 4, UNDELIVERED: 5, DELIVERED: 6, READ: 7}
FROM_RECEIPT: Final = {
    "accepted": ACCEPTED,
    "scheduled": ACCEPTED,
    "queued": ACCEPTED,
    "sending": ACCEPTED,
    "sent": SENT,
    "delivered": DELIVERED,
    "undelivered": UNDELIVERED,
    "failed": UNDELIVERED,
    "read": READ,
}
"""Twilio's word to ours. Its ``failed`` comes after acceptance, so it is undelivered."""
