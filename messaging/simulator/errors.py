"""Twilio's error codes that this carrier answers with, and the body they come in."""

from dataclasses import dataclass
from typing import Any

from aiohttp import web

AUTHENTICATE = 20003
NOT_FOUND = 20404
TOO_MANY_REQUESTS = 20429
INTERNAL = 20500
BAD_PARAMETER = 20001
NOT_COMPLETE = 20009
INVALID_TO = 21211
SAME_NUMBER = 21266
REGION_OFF = 21408
NO_SUCH_NUMBER = 21421
NUMBER_TAKEN = 21422
AREA_CODE_EMPTY = 21452
BODY_MISSING = 21602
FROM_MISSING = 21603
TO_MISSING = 21604
FROM_NOT_YOURS = 21606
CALLBACK_INVALID = 21609
OPTED_OUT = 21610
NO_ROUTE = 21612
BODY_TOO_LONG = 21617
MEDIA_INVALID = 21620
MEDIA_TOO_MANY = 21623
SERVICE_EMPTY = 21703
SERVICE_INVALID = 21705
UNREACHABLE = 30003
LANDLINE = 30006

RECEIPT_MESSAGES = {
    UNREACHABLE: "Unreachable destination handset",
    LANDLINE: "Landline or unreachable carrier",
}


@dataclass(eq=False)
class Refusal(Exception):
    """A request the carrier turns down; `status` is the HTTP status."""

    code: int
    message: str
    status: int = 400
    headers: dict[str, str] | None = None

    def body(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }

    def response(self) -> web.Response:
        return web.json_response(self.body(), status=self.status, headers=self.headers)


def not_found(path: str) -> Refusal:
    return Refusal(NOT_FOUND, f"The requested resource {path} was not found", 404)
