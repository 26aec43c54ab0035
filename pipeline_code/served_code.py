"""The scripts beside a model, in the form that AWS's model server installs.

When an endpoint starts, the server runs `pip install .` on the scripts. pip would build them with setuptools
from an index, which an endpoint with network isolation does not reach, and the server would not start. So the
scripts bring what builds them: this module (https://peps.python.org/pep-0517/), which needs nothing.
Source: sagemaker-containers 2.8.6.post2 on PyPI, `_server.py` and `_modules.py`.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

BUILD_SETTINGS = """\
[build-system]
requires = []
build-backend = "served_code"
backend-path = ["."]
"""
NAME, VERSION = "pipeline_code", "1.0"
# What is run, not imported; and what the server adds for want of a setup.py.
NOT_INSTALLED = ("__main__.py", "setup.py")


def copy_code(source: Path, destination: Path) -> None:
    """Put the modules that hosting needs beside the model, out of the running folder or zip."""
    destination.mkdir(parents=True, exist_ok=True)
    if zipfile.is_zipfile(source):
        with zipfile.ZipFile(source) as code:
            modules = {name: code.read(name) for name in code.namelist() if name.endswith(".py")}
    else:
        modules = {path.name: path.read_bytes() for path in source.glob("*.py")}
    for name, content in modules.items():
        if name not in NOT_INSTALLED:
            (destination / name).write_bytes(content)
    (destination / "pyproject.toml").write_text(BUILD_SETTINGS, encoding="utf-8")


def build_wheel(wheel_directory: str, *_: object) -> str:
    """What pip calls, in the folder of the scripts: pack them into a wheel and return its name."""
    info = f"{NAME}-{VERSION}.dist-info"
    modules = {path.name: path.read_text("utf-8") for path in Path().glob("*.py")}
    files = {
        **{name: content for name, content in modules.items() if name not in NOT_INSTALLED},
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {NAME}\nVersion: {VERSION}\n",
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: {NAME}\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{name},,\n" for name in [*files, f"{info}/RECORD"])
    wheel = f"{NAME}-{VERSION}-py3-none-any.whl"
    with zipfile.ZipFile(Path(wheel_directory) / wheel, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return wheel
