"""`python -m benchmarks.scaling [trace.csv [assembly]]`: traffic against synthesized scaling policies.

A trace has a header, `minute,requests`, and a row per minute; without one it is the week beside this file. An
assembly is what `cdk synth` writes; without one it is made of the sample's environments that scale by all
means: off hours, between two and four instances, and from none by a queue. The embedded AWS's scaling decides
minute by minute, and the same trace meets fixed numbers of instances in the same run. Prints figures, and
draws `scaling.png` in the working folder.
"""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.scaling import endpoints, trace
from benchmarks.scaling.picture import draw
from benchmarks.scaling.replay import Run, fixed, scaled
from config.settings import load_settings
from stacks.stage import build_app
from tests.stacks.synthesis import with_variants

SAMPLE = Path(__file__).resolve().parents[2] / "tests" / "sample"
ENVIRONMENTS = ("dev", "existing", "data")
PICTURE = Path("scaling.png")


def main(path: str = str(trace.WEEK), assembly: str = "") -> None:
    requests = trace.read(Path(path))
    with tempfile.TemporaryDirectory() as folder:
        if not assembly:
            _synthesize(folder)
        found = endpoints.read(Path(assembly or folder))
    runs = []
    for endpoint in found:
        scaling = scaled(endpoint, requests, trace.MONDAY)
        runs.append((endpoint.name, [scaling, *fixed(endpoint, requests, trace.MONDAY)]))
        print("\n".join(_lines(*runs[-1])), flush=True)
    draw(PICTURE, runs, trace.MONDAY)
    print(f"\n{PICTURE} shows instances, saturation and cost.")


def _synthesize(folder: str) -> None:
    settings = with_variants(load_settings(SAMPLE))
    chosen = tuple(each for each in settings.environments if each.name in ENVIRONMENTS)
    build_app(settings.model_copy(update={"environments": chosen}), outdir=folder).synth()


def _lines(name: str, runs: list[Run]) -> Iterator[str]:
    """Each run, and its cost as a ratio to the one that never saturates."""
    yield f"\n{name:<36}{'USD':>8}{'ratio':>8}{'instances':>12}{'saturated':>12}{'most over':>12}"
    enough = runs[1].usd
    for run in runs:
        span = f"{min(run.instances)} to {max(run.instances)}"
        cost = f"{run.usd:>8.2f}{run.usd / enough:>8.2f}"
        yield f"  {run.name:<34}{cost}{span:>12}{run.saturated_minutes:>8} min{max(run.over):>12,.0f}"


if __name__ == "__main__":
    main(*sys.argv[1:])
