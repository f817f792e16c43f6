"""What is said: table of contents of every room's models."""

from messaging.candidates.models import Address, Candidate, Consent, OptOut, OptOutMember
from messaging.conversations.models import Attempt, Conversation, Message, ReadMark, Receipt
from messaging.inbound.models import HooksBeat, InboundEvent, Listing
from messaging.senders.models import CountryPause, Pace, ProviderAccount, Sender

__all__ = [
    "Address",
    "Attempt",
    "Candidate",
    "Consent",
    "Conversation",
    "CountryPause",
    "HooksBeat",
    "InboundEvent",
    "Listing",
    "Message",
    "OptOut",
    "OptOutMember",
    "Pace",
    "ProviderAccount",
    "ReadMark",
    "Receipt",
    "Sender",
]
