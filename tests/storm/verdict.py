"""Judging one schedule by the carrier's own log: by the token in every body, never by our ids."""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import permutations
from typing import Any, Final

from tests.storm import model
from tests.storm.handset import Accepted
from tests.storm.place import Place
from tests.storm.plan import Plan
from tests.storm.traffic import Pressed, Traffic, Written
from textengage import invariants

TOKEN: Final = re.compile(r"s\d+n\d+t\d{4}")
LEFT: Final = frozenset(("accepted", "sent", "delivered", "undelivered", "read"))
OPEN: Final = frozenset(("queued", "claimed", "sending"))
GRACE: Final = 5.0
"""Seconds within which a STOP that was answered 2xx must be in force."""

MESSAGES = """
SELECT m.id::text, m.body, m.state, m.kind, coalesce(m.verdict->>'code', ''), m.error_code,
    m.error_sentence, u.name, a.address,
    extract(epoch FROM (SELECT max(t.wire_at) FROM messaging_attempt t WHERE t.message_id = m.id))
        ::float8,
    (SELECT string_agg(concat_ws(' ', t.number, t.id, t.outcome, t.provider_sid, t.http_status,
        t.error_code, t.claimed_at, t.wire_at, t.finished_at), '; ' ORDER BY t.number)
        FROM messaging_attempt t WHERE t.message_id = m.id),
    (SELECT string_agg(concat_ws(' ', r.status, r.provider_sid, r.received_at, r.applied_at), '; ')
        FROM messaging_receipt r JOIN messaging_attempt t ON t.id = r.attempt_id
        WHERE t.message_id = m.id)
FROM messaging_message m
JOIN accounts_customer u ON u.id = m.customer_id
JOIN messaging_candidate c ON c.id = m.candidate_id
LEFT JOIN messaging_address a ON a.candidate_id = c.id
WHERE m.direction = 'out' ORDER BY m.created_at, m.id
"""

SENDERS = """
SELECT s.address, u.name FROM messaging_sender s JOIN accounts_customer u ON u.id = s.customer_id
"""

LIVE_CHARGES = """
SELECT u.name || ' ' || coalesce(a.address, ''), count(*)
FROM credits_ledgerentry l
JOIN accounts_customer u ON u.id = l.customer_id
LEFT JOIN messaging_candidate c ON c.customer_id = l.customer_id AND c.contact_key = l.contact_key
LEFT JOIN messaging_address a ON a.candidate_id = c.id
WHERE l.kind = 'charge'
  AND NOT EXISTS (SELECT 1 FROM credits_ledgerentry r WHERE r.reverses_id = l.id)
GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One outbound text as our database has it at the end."""

    id: str
    body: str
    state: str
    kind: str
    code: str
    error_code: str
    sentence: str
    house: str
    number: str
    wire_at: float | None
    attempts: str | None
    receipts: str | None

    @property
    def person(self) -> str:
        return f"{self.house} {self.number}"


@dataclass(slots=True)
class Verdict:
    """The six counts of one schedule, and what was seen, in words."""

    lost: int = 0
    doubled: int = 0
    double_charged: int = 0
    uncharged: int = 0
    uncertain: int = 0
    violations: int = 0
    messages: int = 0
    seen: list[str] = field(default_factory=list)
    states: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    examined: dict[str, int] = field(default_factory=dict)

    def note(self, count: str, text: str) -> None:
        setattr(self, count, getattr(self, count) + 1)
        self.seen.append(f"{count}: {text}")

    @property
    def is_clean(self) -> bool:
        return not self.seen


def judge(place: Place, plan: Plan, traffic: Traffic, *, web_faults: list[str]) -> Verdict:
    """Look at everything once it is quiet."""
    return _Judge(place, plan, traffic).judge(web_faults)


class _Judge:
    def __init__(self, place: Place, plan: Plan, traffic: Traffic) -> None:
        self.place, self.plan, self.traffic = place, plan, traffic
        self.verdict = Verdict()
        self.rows = [Row(*row) for row in place.rows.ask(MESSAGES)]
        self.by_token: dict[str, list[Row]] = defaultdict(list)
        for row in self.rows:
            found = TOKEN.search(row.body or "")
            if found:
                self.by_token[found[0]].append(row)
        self.accepted: dict[str, list[Accepted]] = defaultdict(list)
        self.confirmations: Counter[str] = Counter()
        self.house_of = dict(place.rows.ask(SENDERS))
        for each in place.processes.carrier.accepted():
            found = TOKEN.search(each.body)
            if found:
                self.accepted[found[0]].append(each)
            else:
                self.confirmations[self._person(each)] += 1

    def judge(self, web_faults: list[str]) -> Verdict:
        self.verdict.messages = len(self.traffic.pressed)
        self.verdict.states.update(row.state for row in self.rows)
        self.verdict.codes.update(row.code for row in self.rows if row.code)
        self.verdict.codes.update(p.refused for p in self.traffic.pressed.values() if p.refused)
        for token in self.accepted.keys() - self.traffic.pressed.keys():
            self._note("doubled", token, "the carrier has a text that nobody pressed Send on")
        for token, pressed in self.traffic.pressed.items():
            self._judge_text(token, pressed)
        self._judge_confirmations()
        self._judge_charges()
        self._judge_order()
        self._judge_stops()
        self._judge_web(web_faults)
        self._judge_invariants()
        for error in self.traffic.errors:
            self.verdict.note("violations", f"a verb broke: {type(error).__name__}: {error}")
        return self.verdict

    def _judge_text(self, token: str, pressed: Pressed) -> None:
        taken, rows = self.accepted.get(token, []), self.by_token.get(token, [])
        if len(taken) > 1:
            for _ in taken[1:]:
                self._note("doubled", token, f"accepted {len(taken)} times")
        states = {row.state for row in rows}
        if states & {"uncertain"}:
            self._note("uncertain", token, "still uncertain after the horizon")
        if states & OPEN:
            self._note("violations", token, "X4: not final after the horizon")
        if taken and not states & LEFT:
            self._note("violations", token, "X1: the carrier has it, and we say it has not left")
        if not taken:
            why = self._why_it_is_not_there(pressed, rows)
            if why:
                self._note("lost", token, why)

    def _why_it_is_not_there(self, pressed: Pressed, rows: list[Row]) -> str:
        """Empty when there is a reason that this schedule's plan gives."""
        if pressed.refused:
            is_known = self._may_be_stopped(pressed, pressed.refused)
            return "" if is_known else f"refused for no reason we know: {pressed.refused}"
        if not rows:
            return "Send was pressed, and there is no such text"
        for row in rows:
            if row.state in LEFT:
                return f"we say {row.state}, the carrier never took it"
            if row.state in OPEN or row.state == "uncertain":
                return f"it should have left, and is {row.state}"
        row = rows[0]
        match row.state:
            case "canceled":
                return "" if pressed.tried_to_cancel else "canceled by nobody"
            case "unconfirmed":
                return "" if row.kind != "campaign" else "bulk, and not queued again"
            case "expired":
                return "" if self.place.passed > 5 * 3600 else "expired too early"
            case "failed":
                is_known = self._may_be_stopped(pressed, "refused by the carrier")
                return "" if is_known and row.sentence else "failed for no reason we know"
        is_known = self._may_be_stopped(pressed, row.code)
        return "" if is_known else f"{row.state} for no reason we know: {row.code}"

    def _may_be_stopped(self, pressed: Pressed, code: str) -> bool:
        """Whether the plan gives a reason for what the product says."""
        text = pressed.text
        # A phone's mood is the same for everybody who texts it.
        is_odd = text.person in self.plan.moods
        match code:
            case "opted_out":
                return is_odd or any(
                    each.house == text.house and each.person == text.person and each.body == "STOP"
                    for each in self.plan.inbound
                )
            case "no_contacts":
                return self.plan.grants[text.house] < 10
            case "no_license" | "no_sender":
                return text.house == "Globex" and self.traffic.license_ended
            case "unusable_address" | "refused by the carrier":
                return is_odd
        return False

    def _judge_confirmations(self) -> None:
        """They carry no token, but never more of them than we wrote."""
        written: Counter[str] = Counter()
        left: Counter[str] = Counter()
        for row in self.rows:
            if row.kind == "compliance":
                written[row.person] += 1
                left[row.person] += row.state in LEFT
        for person in self.confirmations.keys() | written.keys():
            taken = self.confirmations[person]
            if taken > written[person]:
                self.verdict.note("doubled", f"{taken} confirmations, {written[person]} written")
            if taken < left[person]:
                self.verdict.note("lost", f"{taken} confirmations taken, {left[person]} left")

    def _judge_charges(self) -> None:
        instants: dict[str, list[float]] = defaultdict(list)
        for texts in self.accepted.values():
            instants[self._person(texts[0])].append(texts[0].at)
        for row in self.rows:
            if row.state == "unconfirmed" and row.kind != "compliance" and row.wire_at:
                instants[row.person].append(row.wire_at)
        before = {}
        for house, person, at in self.traffic.history:
            before[f"{house} {self.place.houses[house].people[person].number}"] = at
        owed = {
            person: model.owed(texts, texted_before=before.get(person))
            for person, texts in instants.items()
        }
        charged = {person: int(count) for person, count in self.place.rows.ask(LIVE_CHARGES)}
        double, missing = model.compare(owed, charged)
        for who in double:
            self.verdict.note("double_charged", self._story(who))
        for who in missing:
            self.verdict.note("uncharged", self._story(who))

    def _judge_order(self) -> None:
        """Texts to one person leave in the order in which Send was pressed.

        Those of people without a contact or a license wait for somebody, each by itself.
        """
        theirs: dict[tuple[str, int], list[Pressed]] = defaultdict(list)
        for token, pressed in self.traffic.pressed.items():
            text = pressed.text
            waits = self.plan.grants[text.house] < 10 or (
                text.house == "Globex" and self.traffic.license_ended
            )
            plain = len(self.accepted.get(token, [])) == len(self.by_token.get(token, [])) == 1
            if plain and not text.delay and not waits:
                theirs[text.house, text.person].append(pressed)
        for texts in theirs.values():
            for one, other in permutations(texts, 2):
                late, early = self._taken_at(one), self._taken_at(other)
                if one.done < other.began and early < late:
                    token = one.text.token
                    self._note("violations", token, f"order: after {other.text.token}")

    def _taken_at(self, pressed: Pressed) -> float:
        return self.accepted[pressed.text.token][0].at

    def _judge_stops(self) -> None:
        """X7. A request that was on the wire already has long been answered after the grace."""
        stops = [each for each in self.traffic.written if each.text.body == "STOP"]
        for stop in stops:
            if not stop.answer.startswith("2"):
                continue
            until = min((each.sent_at for each in self._starts_after(stop)), default=float("inf"))
            person = self.place.houses[stop.text.house].people[stop.text.person].number
            for token, texts in self.accepted.items():
                for each in texts:
                    is_theirs = self._person(each) == f"{stop.text.house} {person}"
                    if is_theirs and stop.answered_at + GRACE < each.at < until:
                        late = each.at - stop.answered_at
                        self._note("violations", token, f"X7: {late:.1f} s after a STOP")

    def _starts_after(self, stop: Written) -> list[Written]:
        return [
            each
            for each in self.traffic.written
            if each.text.body == "START"
            and (each.text.house, each.text.person) == (stop.text.house, stop.text.person)
            and each.sent_at >= stop.sent_at
        ]

    def _judge_web(self, web_faults: list[str]) -> None:
        """X6. Only a database that is being restarted excuses it."""
        if web_faults and not any(f.name == "postgres_restarted" for f in self.plan.faults):
            self.verdict.note("violations", f"X6: the web answered {Counter(web_faults)}")

    def _judge_invariants(self) -> None:
        report = invariants.inspect()
        for each, finding in report.findings.items():
            self.verdict.examined[each.code] = finding.examined
            for id in finding.ids:
                self.verdict.note(
                    "violations", f"{each.code}: {each.meaning} {id}{self._about(id)}"
                )
            self.verdict.violations += finding.count - len(finding.ids)

    def _person(self, text: Accepted) -> str:
        return f"{self.house_of.get(text.sender, '?')} {text.recipient}"

    def _note(self, count: str, token: str, text: str) -> None:
        self.verdict.note(count, f"{token} {text}{self._details(token)}")

    def _about(self, id: str) -> str:
        return "".join(
            _shown(row) for row in self.rows if id in (row.id, *(row.attempts or "").split())
        )

    def _details(self, token: str) -> str:
        pressed = self.traffic.pressed.get(token)
        words = [f"\n    {pressed.text}" if pressed else ""]
        words += [_shown(row) for row in self.by_token.get(token, [])]
        words += [f"\n    carrier: {each.shown}" for each in self.accepted.get(token, [])]
        return "".join(words)

    def _story(self, person: str) -> str:
        words = [f"{person}, before: {[h for h in self.plan.history if person.startswith(h[0])]}"]
        words += [_shown(row) for row in self.rows if row.person == person]
        house, _, number = person.partition(" ")
        ledger: list[tuple[Any, ...]] = self.place.rows.ask(
            "SELECT l.id, l.kind, l.at, l.message_id, l.reverses_id, l.reason, l.carried_at"
            " FROM credits_ledgerentry l JOIN messaging_candidate c USING (contact_key)"
            " JOIN messaging_address a ON a.candidate_id = c.id"
            " JOIN accounts_customer u ON u.id = c.customer_id"
            " WHERE a.address = %s AND u.name = %s ORDER BY l.id",
            number,
            house,
        )
        words += [f"\n    ledger: {' '.join(map(str, row))}" for row in ledger]
        return "".join(words)


def _shown(row: Row) -> str:
    return (
        f"\n    ours: {row.id} {row.kind} {row.state} {row.code} {row.error_code}"
        f"\n      attempts: {row.attempts}\n      receipts: {row.receipts}"
    )
