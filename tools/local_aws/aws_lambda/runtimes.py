"""The programs that stand for Lambda's runtimes."""

import io
import shutil
import sys
import zipfile
from pathlib import Path

from tools.local_aws.errors import ApiError

_HERE = Path(__file__).parent


def command(runtime: str, memory_megabytes: int) -> list[str]:
    """The command that runs a handler, to be followed by the files of the event and of the answer.

    Raises `ApiError` for a runtime that this machine does not have.
    """
    if runtime.startswith("python3."):
        return [sys.executable, str(_HERE / "python_runtime.py")]
    node = shutil.which("node")
    if runtime.startswith("nodejs") and node:
        return [node, f"--max-old-space-size={memory_megabytes}", str(_HERE / "node_runtime.js")]
    missing = "there is no node on the PATH" if runtime.startswith("nodejs") else "use python3.x or nodejs"
    raise ApiError(
        "InvalidParameterValueException", f"The embedded AWS does not run the runtime {runtime}: {missing}."
    )


def inline_zip(source: str, runtime: str) -> bytes:
    """What AWS makes of code that stands in a template: a file named index, and a module that answers."""
    is_python = runtime.startswith("python")
    name, module = ("index.py", "cfnresponse.py") if is_python else ("index.js", "cfn-response.js")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(name, source)
        beside = module if is_python else f"node_modules/{module}"
        file.writestr(beside, (_HERE / "inline" / module).read_text("utf-8"))
    return archive.getvalue()
