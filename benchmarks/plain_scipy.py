"""`python plain_scipy.py <folder>`: what most people would write to find drift, with pandas and scipy."""

import sys
import time
from pathlib import Path

import pandas as pd
from scipy.stats import chi2_contingency, ks_2samp

SIGNIFICANT = 0.01


def main(folder: Path) -> None:
    """Kolmogorov-Smirnov for numbers, chi-square for words; prints what has moved and the seconds of CPU."""
    before, now = (pd.read_csv(folder / f"{name}.csv") for name in ("before", "now"))
    started = time.process_time()
    moved = [name for name in before if _p_value(before[name].dropna(), now[name].dropna()) < SIGNIFICANT]
    print(",".join(moved), time.process_time() - started)


def _p_value(before: "pd.Series[object]", now: "pd.Series[object]") -> float:
    if before.dtype != object:
        return float(ks_2samp(before, now).pvalue)
    counts = pd.DataFrame({"before": before.value_counts(), "now": now.value_counts()}).fillna(0)
    return float(chi2_contingency(counts).pvalue)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
