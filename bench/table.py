"""Figures as rows: the median to quote, and the ratio to what stands beside it."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence


def show(
    title: str, unit: str, rows: Mapping[str, Sequence[float]], *, percentile: int = 99
) -> None:
    """Print median, p99 and maximum of each row, and its ratio to the last one, the floor."""
    floor = statistics.median(list(rows.values())[-1])
    print(f"{title} ({unit})")
    print(f"{'':36} {'n':>4} {'median':>9} {f'p{percentile}':>9} {'max':>9} {'ratio':>7}")
    for name, values in rows.items():
        median = statistics.median(values)
        ratio = f"{median / floor:.2f}" if floor else "-"
        high = nearest(values, percentile)
        print(
            f"{name:36} {len(values):>4} {median:>9.3f} {high:>9.3f} {max(values):>9.3f} {ratio:>7}"
        )


def nearest(values: Sequence[float], percentile: int) -> float:
    """Return a percentile by nearest rank: a value that did occur."""
    ordered = sorted(values)
    return ordered[math.ceil(percentile / 100 * len(ordered)) - 1]
