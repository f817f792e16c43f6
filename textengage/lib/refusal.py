"""The one way a verb says no."""

from typing import Any


class Refused(Exception):
    """A verb will not do what was asked, and here is why.

    ``code`` is a stable word for programs, ``sentence`` is shown to people as it is,
    ``values`` are the facts the decision used (never a person's name or number).
    Pages show the sentence, the API answers 409 problem+json, the admin shows a message.
    """

    def __init__(self, code: str, sentence: str, **values: Any) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.values = values
