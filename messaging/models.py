"""What is said: table of contents of every room's models."""

from messaging.candidates.models import Address, Candidate, Consent, OptOut, OptOutMember
from messaging.conversations.models import Attempt, Conversation, Message, ReadMark, Receipt
from messaging.inbound.models import InboundEvent
from messaging.senders.models import ProviderAccount, Sender

__all__ = [
    "Address",
    "Attempt",
    "Candidate",
    "Consent",
    "Conversation",
    "InboundEvent",
    "Message",
    "OptOut",
    "OptOutMember",
    "ProviderAccount",
    "ReadMark",
    "Receipt",
    "Sender",
]
