"""`python -m benchmarks.synth.floor templates folder`: the same templates, written by `json` alone."""

import json
import sys
from pathlib import Path

if __name__ == "__main__":
    templates, folder = (Path(each) for each in sys.argv[1:])
    for path in templates.rglob("*.template.json"):
        body = json.loads(path.read_bytes())
        (folder / f"{path.parent.name}-{path.name}").write_text(json.dumps(body, indent=1), "utf-8")
