"""What a proof says: figures as it goes, findings, and one line of JSON at the end."""

import json
import sys
from dataclasses import dataclass, field
from typing import Any, Final

SHOWN: Final = 12


class ProofFailed(Exception):
    """It could not be carried out; the text says why."""


@dataclass(slots=True)
class Findings:
    """Of one proof. Nothing examined is a failure like anything found."""

    proof: str
    figures: dict[str, Any] = field(default_factory=dict)
    found: list[str] = field(default_factory=list)
    examined: int = 0

    def say(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    def note(self, **figures: Any) -> None:
        self.figures |= figures
        shown = (f"{name.replace('_', ' ')} {value}" for name, value in figures.items())
        self.say(", ".join(shown))

    def find(self, text: str) -> None:
        self.found.append(text)
        if len(self.found) <= SHOWN:
            self.say(f"FOUND: {text}")

    def expect(self, what: str, seen: Any, wanted: Any) -> None:
        if seen != wanted:
            self.find(f"{what}: {seen} instead of {wanted}")

    def status(self) -> int:
        return int(bool(self.found) or not self.examined)

    def last_line(self) -> str:
        return json.dumps(
            {
                "proof": self.proof,
                "examined": self.examined,
                **self.figures,
                "findings": len(self.found),
            }
        )
