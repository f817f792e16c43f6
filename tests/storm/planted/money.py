"""Bugs in the ledger and the 45 days."""

from typing import Final

from tests.storm.planted.plant import Plant

RULES: Final = "credits/rules.py"
LEDGER: Final = "credits/ledger.py"
STATEMENTS: Final = "credits/statements.py"

PLANTS: Final = (
    Plant(
        "exactly_45_days_charged",
        "exactly 45 days cost a contact",
        RULES,
        "return last_at is None or at - last_at > WINDOW",
        "return last_at is None or at - last_at >= WINDOW",
    ),
    Plant(
        "calendar_days",
        "45 days by the calendar instead of by seconds",
        RULES,
        "return last_at is None or at - last_at > WINDOW",
        "return last_at is None or at.date() - last_at.date() > WINDOW",
    ),
    Plant(
        "an_hour_more",
        "45 days in a zone whose clocks change: an hour too long",
        RULES,
        "WINDOW: Final = timedelta(seconds=45 * 86_400)",
        "WINDOW: Final = timedelta(seconds=45 * 86_400 + 3_600)",
    ),
    Plant(
        "always_charged",
        "every text costs a contact",
        LEDGER,
        "due = [text for text in texts if rules.is_due(last_texted[text.person], at)]",
        "due = list(texts)",
    ),
    Plant(
        "window_starts_unpaid",
        "a text that waits for contacts starts the 45 days",
        LEDGER,
        "_start_windows([text for text in texts if text.message_id not in short], at)",
        "_start_windows(list(texts), at)",
    ),
    Plant(
        "refunded_twice",
        "a contact goes back each time somebody asks",
        STATEMENTS,
        "AND NOT EXISTS (SELECT 1 FROM credits_ledgerentry r WHERE r.reverses_id = c.id)",
        "AND NOT EXISTS (SELECT 1 FROM credits_ledgerentry r WHERE r.reverses_id = -c.id)",
    ),
    Plant(
        "window_not_put_back",
        "a text that never left leaves the person's 45 days running",
        STATEMENTS,
        "SET last_at = previous_at, message_id = NULL",
        "SET message_id = NULL",
    ),
    Plant(
        "window_forgets_the_one_before",
        "a text that never left wipes the person's earlier 45 days",
        STATEMENTS,
        "SET previous_at = w.last_at, last_at = %s, message_id = t.message_id",
        "SET previous_at = NULL, last_at = %s, message_id = t.message_id",
    ),
    Plant(
        "balance_not_locked",
        "two workers take the last contact at once",
        STATEMENTS,
        "ORDER BY customer_id FOR UPDATE",
        "ORDER BY customer_id",
    ),
    Plant(
        "balance_not_moved",
        "a contact goes back into the grant and not into the balance",
        LEDGER,
        "_move_balances(refunded)\n    return sum(refunded.values())",
        "return sum(refunded.values())",
    ),
)
