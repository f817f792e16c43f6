"""SMS: either side may begin, free text, 1,600 characters (Twilio's limit, RULES 4.9)."""

from messaging.channels import phone
from messaging.channels._channel import Channel

SMS = Channel(
    code="sms",
    label="SMS",
    product="sms",
    provider="twilio",
    max_characters=1_600,
    read=phone.read,
    wire=str,
)
