"""The storm's processes, with what a proof needs of them beyond a storm."""

from tests.storm.processes import Processes


class Crew(Processes):
    """Two forked workers as in a storm, or one that runs as the product starts it."""

    def start_plain_worker(self) -> int:
        """Instead of the forked ones, which share their memory; returns its process id."""
        for worker in self.workers.values():
            worker.close()
        self.workers.clear()
        self._start("worker", "tests.storm.proofs.worker")
        return self.running["worker"].pid
