"""What a text and a page cost when there are many others, beside the same when there are few."""

from benchmarks.growth.benchmark import GROWTH

__all__ = ["GROWTH"]
