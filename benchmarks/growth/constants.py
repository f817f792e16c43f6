"""What the parts of this benchmark agree on."""

from dataclasses import dataclass
from typing import Final

# One person in ten has written last and waits; the others were texted last. Expressions over
# the person ``p``, whose old text is older the higher their number.
OLD_AT: Final = "(timestamptz '2026-01-01 UTC' - p.n * interval '5 seconds')"
WAITS: Final = "mod(p.n, 10) = 0"
MONA: Final = "mona@acme.example"
RITA: Final = "rita@acme.example"
OWNER: Final = f"""
CASE WHEN p.n BETWEEN 8001 AND 8500 THEN (SELECT id FROM accounts_user WHERE email = '{MONA}')
    WHEN p.n BETWEEN 9001 AND 9500 THEN NULL ELSE t.owner_id END
"""  # noqa: S608 - words of ours
"""Of 500 threads Mona is the owner, of 500 nobody, however many there are; of all others Rita."""
THREADS: Final = {
    "owner_id": OWNER,
    "last_message_at": OLD_AT,
    "last_direction": f"CASE WHEN {WAITS} THEN 'in' ELSE 'out' END",
    "last_preview": "'Can you start on Monday?'",
    "waiting_since": f"CASE WHEN {WAITS} THEN {OLD_AT} END",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A page of the inbox that is measured: whose, which folder's, and which one from 1."""

    title: str
    email: str
    folder: str
    number: int = 1


SHOWN: Final = (
    Shown("needs-reply, a tenth waits", RITA, "needs-reply"),
    Shown("needs-reply, always 50 wait", MONA, "needs-reply"),
    Shown("waiting", RITA, "waiting"),
    Shown("all", RITA, "all"),
    Shown("nobody", MONA, "nobody"),
    Shown("everyone", MONA, "everyone"),
    Shown("waiting, 50th", RITA, "waiting", 50),
    Shown("everyone, 50th", MONA, "everyone", 50),
)
