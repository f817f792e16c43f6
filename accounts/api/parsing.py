"""What comes in: JSON of a bounded size, with no field we do not know."""

import io
import json
from collections.abc import Mapping
from typing import IO, Any, Final

from drf_spectacular.extensions import OpenApiSerializerExtension
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ParseError, ValidationError
from rest_framework.parsers import JSONParser

from accounts.api.problems import TooLarge

MAX_BYTES: Final = 1_000_000


class BoundedJSONParser(JSONParser):
    """JSON of at most 1 MB. Anything json cannot read is a 400, however deep it nests."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        raw = stream.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise TooLarge
        try:
            data = super().parse(io.BytesIO(raw), media_type, parser_context)
            # Half of a surrogate pair is JSON, but no text: nothing could store or echo it.
            json.dumps(data, ensure_ascii=False).encode()
        except RecursionError:
            raise ParseError("The JSON is nested too deeply.") from None
        except UnicodeEncodeError:
            raise ParseError("The JSON holds half of a surrogate pair.") from None
        return data


class Strict(serializers.Serializer[Any]):
    """A request body: a field that is not declared writable is an error, never ignored.

    So nobody sets by accident, or on purpose, what the API does not offer to set.
    """

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            known = {field.field_name for field in self._writable_fields}
            unknown = [str(name) for name in data if name not in known]
            if unknown:
                sentence = ErrorDetail("There is no such field to set.", "unknown_field")
                raise ValidationError({name: [sentence] for name in sorted(unknown)})
        return super().to_internal_value(data)


class StrictScheme(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """How the OpenAPI document says that a body may hold nothing else."""

    target_class = Strict
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: Any) -> Any:
        schema = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        return schema | {"additionalProperties": False}
