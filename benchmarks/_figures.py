"""Arithmetic that several benchmarks share."""

import math
from collections.abc import Sequence


def percentile(figures: Sequence[float], share: float) -> float:
    """The smallest figure that at least this share of all figures does not exceed.

    Raises ValueError for none.
    """
    if not figures:
        raise ValueError("no figures")
    ordered = sorted(figures)
    return ordered[max(math.ceil(share * len(ordered)) - 1, 0)]
