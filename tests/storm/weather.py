"""The faults of one schedule, done to processes at their times, and how often each struck."""

import time
from collections import Counter, defaultdict, deque

from tests.storm.board import Point
from tests.storm.place import Place
from tests.storm.plan import KILLS, Fault, Plan

PAST_LEASE = 70.0


class Weather:
    """Call `tick` often; `end` makes everything whole but what must outlast the horizon."""

    def __init__(self, place: Place, plan: Plan) -> None:
        self.place, self.board = place, place.processes.board
        self.struck: Counter[str] = Counter()
        self.timed = deque(sorted((f for f in plan.faults if f.at), key=lambda fault: fault.at))
        self.armed: dict[int, Fault] = {}
        self.waiting: dict[int, deque[Fault]] = defaultdict(deque)
        self.lasting: list[tuple[float, Fault]] = []
        self.outlasting: Fault | None = None
        self.counted = {slot: self._strikes(slot) for slot in place.processes.workers}
        for fault in plan.faults:
            if fault.name in KILLS:
                self.waiting[fault.slot].append(fault)
            elif fault.name == "worker_suspended_past_horizon":
                self.outlasting = fault
                self.waiting[fault.slot].append(fault)

    def tick(self, at: float) -> None:
        """``at``: seconds of the schedule that have gone by."""
        self._count_strikes()
        self._arm()
        while self.timed and self.timed[0].at <= at:
            self._begin(self.timed.popleft(), at)
        for until, fault in list(self.lasting):
            if at >= until:
                self.lasting.remove((until, fault))
                self._finish(fault)

    @property
    def holds_somebody(self) -> bool:
        """Whether a worker is to stay suspended past the horizon."""
        slot = self.outlasting.slot if self.outlasting else -1
        return slot >= 0 and self.place.processes.workers[slot].is_suspended

    def end(self) -> None:
        """No more faults; a worker that outlasts the horizon stays as it is."""
        self._count_strikes()
        self.waiting.clear()
        self.timed.clear()
        for _, fault in self.lasting:
            self._finish(fault)
        self.lasting.clear()
        for slot in self.place.processes.workers:
            self.board.disarm(slot)
        # One that was just passing its point while we disarmed it.
        time.sleep(0.002)
        self._count_strikes()
        self.place.processes.broker.start()

    def pause(self) -> None:
        """What lasts ends now, so that nobody is suspended while days pass."""
        for _, fault in self.lasting:
            self._finish(fault)
        self.lasting.clear()

    def let_go(self) -> None:
        """Continue whoever is suspended."""
        for worker in self.place.processes.workers.values():
            if worker.is_suspended or worker.stands_still():
                worker.go_on()

    def _begin(self, fault: Fault, at: float) -> None:
        processes = self.place.processes
        worker = processes.workers[fault.slot]
        match fault.name:
            case "broker_emptied":
                processes.broker.empty()
            case "broker_stopped":
                processes.broker.stop()
            case "broker_hung":
                if not processes.broker.hang():
                    return
            case "postgres_restarted":
                self.place.restart_database()
            case _ if worker.is_suspended or not worker.is_alive():
                return
            case _:
                worker.suspend()
        if fault.name == "worker_suspended_past_lease":
            # With everybody suspended nothing would be done in that minute, STOP neither.
            for slot, other in processes.workers.items():
                if slot != fault.slot:
                    other.go_on()
            time.sleep(0.11)
            self.place.let_pass_for_the_suspended(PAST_LEASE)
        self.struck[fault.name] += 1
        if fault.seconds:
            self.lasting.append((at + fault.seconds, fault))

    def _finish(self, fault: Fault) -> None:
        if fault.name.startswith("broker"):
            self.place.processes.broker.start()
        else:
            self.place.processes.workers[fault.slot].go_on()

    def _arm(self) -> None:
        for slot, faults in self.waiting.items():
            if faults and slot not in self.armed:
                fault = faults.popleft()
                stops = fault is self.outlasting
                point = Point.AFTER_START_COMMIT if stops else KILLS[fault.name]
                self.board.arm(slot, point, nth=fault.nth, stops=stops)
                self.armed[slot] = fault

    def _count_strikes(self) -> None:
        for slot, fault in list(self.armed.items()):
            if self._strikes(slot) == self.counted[slot]:
                continue
            self.counted[slot] = self._strikes(slot)
            self.struck[fault.name] += 1
            del self.armed[slot]
            if fault is self.outlasting:
                # It has stopped itself, and stays so.
                self.place.processes.workers[slot].is_suspended = True

    def _strikes(self, slot: int) -> int:
        return sum(self.board.strikes(slot, point) for point in Point)
