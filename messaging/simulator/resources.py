"""The JSON shapes of Twilio's resources, field for field as its OpenAPI document has them."""

from email.utils import formatdate
from typing import Any

from messaging.simulator.errors import RECEIPT_MESSAGES
from messaging.simulator.state import Message, Number

API = "/2010-04-01"


def rfc2822(at: float | None) -> str | None:
    return None if at is None else formatdate(at).replace("-0000", "+0000")


def message_json(message: Message) -> dict[str, Any]:
    uri = f"{API}/Accounts/{message.account}/Messages/{message.sid}"
    in_pool = message.status == "accepted"
    code = message.error_code
    return {
        "account_sid": message.account,
        "api_version": "2010-04-01",
        "body": message.body,
        "date_created": rfc2822(message.created_at),
        "date_sent": rfc2822(message.sent_at),
        "date_updated": rfc2822(message.updated_at),
        "direction": message.direction,
        "error_code": code,
        "error_message": None if code is None else RECEIPT_MESSAGES[code],
        "from": None if in_pool else message.sender,
        "messaging_service_sid": message.service or None,
        "num_media": str(message.media),
        "num_segments": "0" if in_pool else str(message.segments),
        "price": None,
        "price_unit": "USD",
        "sid": message.sid,
        "status": message.status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": message.to,
        "uri": f"{uri}.json",
    }


_EMPTY_OR_NULL = {
    "address_sid": None,
    "bundle_sid": None,
    "emergency_address_sid": None,
    "identity_sid": None,
    "sms_application_sid": "",
    "sms_fallback_method": "POST",
    "sms_fallback_url": "",
    "sms_method": "POST",
    "sms_url": "",
    "status_callback": "",
    "status_callback_method": "POST",
    "trunk_sid": None,
    "voice_application_sid": None,
    "voice_fallback_method": "POST",
    "voice_fallback_url": None,
    "voice_method": "POST",
    "voice_url": None,
}

#: What a request may set on a number, by its name in the resource.
NUMBER_SETTINGS = (*_EMPTY_OR_NULL, "friendly_name")


def number_json(number: Number) -> dict[str, Any]:
    settings = {k: v for k, v in number.settings.items() if k != "service"}
    return {
        **_EMPTY_OR_NULL,
        "account_sid": number.account,
        "address_requirements": "none",
        "api_version": "2010-04-01",
        "beta": False,
        "capabilities": {"voice": True, "sms": True, "mms": True, "fax": False},
        "date_created": rfc2822(number.created_at),
        "date_updated": rfc2822(number.updated_at),
        "emergency_address_status": "unregistered",
        "emergency_status": "Inactive",
        "friendly_name": number.number,
        "origin": "twilio",
        "phone_number": number.number,
        "sid": number.sid,
        "status": "in-use",
        "subresource_uris": {
            "assigned_add_ons": f"{API}/Accounts/{number.account}/IncomingPhoneNumbers/"
            f"{number.sid}/AssignedAddOns.json"
        },
        "type": "local",
        "uri": f"{API}/Accounts/{number.account}/IncomingPhoneNumbers/{number.sid}.json",
        "voice_caller_id_lookup": False,
        "voice_receive_mode": "voice",
        **settings,
    }
