"""Loading the shipped countries. Staff edit the rows afterwards; loading never overwrites."""

import json
from datetime import date
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "data" / "countries.json"


def load(country_model: Any, tier_model: Any) -> int:
    """Add what the data file has and the tables lack; returns how many countries."""
    data = json.loads(FILE.read_text(encoding="utf-8"))
    for number, label in data["tiers"].items():
        tier_model.objects.get_or_create(number=int(number), defaults={"label": label})
    for row in data["countries"]:
        country_model.objects.get_or_create(
            code=row["code"],
            holds_from=date.fromisoformat(data["holds_from"]),
            defaults={"name": row["name"], "tier_id": row["tier"], "source": data["source"]},
        )
    return len(data["countries"])
