"""What every page's frame shows: the menu, the badges, the contacts meter."""

from typing import Any

from django.http import HttpRequest


def frame(request: HttpRequest) -> dict[str, Any]:
    return {}
