"""Asks an artifact for its answers by the code that it carries, as an endpoint does.

Its text is run in a process of its own, `python3 -c <text> <artifact's folder> <requests> <answers>`, where
nothing else of this code is in reach: modules of the same names are the artifact's.
"""

import json
import sys
from importlib import import_module
from pathlib import Path

JSON = "application/json"
REFUSED, BROKEN = 3, 4


def ask(folder: str, requests: str, answers: str) -> int:
    """Write the answers; or why there are none, without the messages of errors, which can hold cells."""
    sys.path.insert(0, f"{folder}/code")
    given = []
    try:
        inference = import_module("inference")
        model = inference.model_fn(folder)
        for rows in json.loads(Path(requests).read_text("utf-8")):
            response = inference.transform_fn(model, json.dumps(rows), JSON, JSON)
            text = response.get_data(as_text=True)
            if response.status_code != 200:
                Path(answers).write_text(text, "utf-8")
                return REFUSED
            given.append(json.loads(text))
    except Exception as error:
        Path(answers).write_text(type(error).__name__, "utf-8")
        return BROKEN
    Path(answers).write_text(json.dumps(given), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(ask(*sys.argv[1:]))
