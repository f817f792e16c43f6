"""The storm's verdict over a proof's texts, and what a proof adds: exactly one outcome each."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Final

from tests.storm.handset import Accepted
from tests.storm.place import Place
from tests.storm.proofs import crowd
from tests.storm.proofs.findings import Findings
from tests.storm.report import COUNTS
from tests.storm.traffic import Traffic
from tests.storm.verdict import LEFT, TOKEN, judge

STATES = "SELECT body, state FROM messaging_message WHERE direction = 'out' AND kind = %s"
FINAL: Final = LEFT | {"refused", "failed", "canceled", "expired", "unconfirmed"}
CHARGED = """
SELECT count(*) FROM credits_ledgerentry l WHERE l.kind = 'charge'
  AND NOT EXISTS (SELECT 1 FROM credits_ledgerentry r WHERE r.reverses_id = l.id)
"""


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Tokens by what the carrier's log and our rows say of them together."""

    arrived: int
    """Taken once by the carrier, and one row of ours that says it left."""
    not_sent: int
    """Never at the carrier, and one row of ours that says why."""
    unclear: list[str]
    """Anything else."""


def outcomes(tokens: set[str], taken: Counter[str], states: dict[str, list[str]]) -> Outcomes:
    """One outcome for each token. Pure."""
    arrived = not_sent = 0
    unclear = []
    for token in sorted(tokens):
        match taken[token], states.get(token, []):
            case 1, [state] if state in LEFT:
                arrived += 1
            case 0, [state] if state in FINAL - LEFT:
                not_sent += 1
            case times, known:
                unclear.append(f"{token}: {times} times at the carrier, our states {known}")
    return Outcomes(arrived, not_sent, unclear)


def tokens_taken(accepted: list[Accepted]) -> Counter[str]:
    """How often the carrier took each token; what carries none is a confirmation."""
    return Counter(found[0] for each in accepted if (found := TOKEN.search(each.body)))


def conclude(
    place: Place, traffic: Traffic, findings: Findings, *, kind: str
) -> tuple[Outcomes, list[Accepted]]:
    """Everything the storm's verdict knows, and one outcome by token."""
    accepted = place.processes.carrier.accepted()
    with crowd.receipts_found_by_attempt(place):
        verdict = judge(place, traffic.plan, traffic, web_faults=place.processes.faults_of_web())
    for text in verdict.seen:
        findings.find(text)
    states: dict[str, list[str]] = defaultdict(list)
    for body, state in place.rows.ask(STATES, kind):
        if found := TOKEN.search(body or ""):
            states[found[0]].append(state)
    result = outcomes(set(traffic.pressed), tokens_taken(accepted), states)
    for each in result.unclear:
        findings.find(each)
    ((charged,),) = place.rows.ask(CHARGED)
    findings.examined = len(traffic.pressed)
    findings.note(**{name: getattr(verdict, name) for name in COUNTS})
    findings.note(
        outcomes=result.arrived + result.not_sent, arrived=result.arrived,
        not_sent=result.not_sent, charged=charged, states=dict(verdict.states),
    )  # fmt: skip
    findings.note(invariant_rows_examined=sum(verdict.examined.values()))
    return result, accepted
