"""The Idempotency-Key header of requests that send or charge."""

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any, Final

from django.db import transaction
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import idempotency
from accounts.api.base import viewer_of
from accounts.api.problems import Conflict, Unprocessable

GOOD_KEY: Final = re.compile(r"[\x21-\x7e]{1,200}")

HEADER: Final = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="1 to 200 visible ASCII characters. The same key and body within 24 hours"
    " do nothing and give the first answer, marked `Idempotency-Replayed: true`.",
)


def created(request: Request, work: Callable[[], Any]) -> Response:
    """Answer 201 with what ``work`` returns, doing it once per Idempotency-Key."""

    def run() -> idempotency.Answer:
        return idempotency.Answer(201, JSONRenderer().render(work()).decode())

    key = request.headers.get("Idempotency-Key")
    if key is None:
        with transaction.atomic():
            return _response(run())
    if not GOOD_KEY.fullmatch(key):
        sentence = "1 to 200 visible ASCII characters."
        raise ValidationError({"Idempotency-Key": [ErrorDetail(sentence, "invalid")]})
    try:
        answer = idempotency.once(viewer_of(request), key, _hash(request), run)
    except idempotency.KeyReused:
        sentence = "This Idempotency-Key was used with another request."
        raise Unprocessable(sentence, "idempotency_key_reused") from None
    except idempotency.StillRunning:
        sentence = "The first request with this Idempotency-Key is still running."
        raise Conflict(sentence, "still_running") from None
    return _response(answer)


def _response(answer: idempotency.Answer) -> Response:
    response = Response(json.loads(answer.json), status=answer.status)
    if answer.is_replayed:
        response["Idempotency-Replayed"] = "true"
    return response


def _hash(request: Request) -> str:
    """A digest of what was asked, whatever the order of fields and the white space."""
    asked = [request.method, request.path, request.data]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
