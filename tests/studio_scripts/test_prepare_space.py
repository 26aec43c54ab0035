"""The script that runs when a space starts never keeps it from starting."""

import os
import shutil
import subprocess
from pathlib import Path

SCRIPT = Path(__file__).parent.parent.parent / "studio_scripts" / "prepare-space.sh"
NOTEBOOK = "s3://nowhere/notebook.ipynb"


def prepare(home: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Runs the script in somebody's home."""
    bash = shutil.which("bash")
    assert bash
    environment = {"HOME": str(home), "PATH": os.environ["PATH"], "NOTEBOOK_URI": NOTEBOOK, **more}
    return subprocess.run([bash, str(SCRIPT)], env=environment, capture_output=True, text=True, check=False)


def test_a_space_starts_without_its_notebook_when_that_cannot_be_read(tmp_path: Path) -> None:
    done = prepare(tmp_path, AWS_ENDPOINT_URL="http://localhost:1", AWS_MAX_ATTEMPTS="1")
    assert done.returncode == 0
    assert "could not be copied; the space starts without it" in done.stderr
    assert "timeout = 5" in (tmp_path / ".config/pip/pip.conf").read_text("utf-8")
    assert "remote_max_retries: 0" in (tmp_path / ".condarc").read_text("utf-8")


def test_what_somebody_changed_is_left_as_it_is(tmp_path: Path) -> None:
    notebook, settings = tmp_path / "getting-started.ipynb", tmp_path / ".condarc"
    notebook.write_text("mine", "utf-8")
    settings.write_text("channels: [ours]", "utf-8")
    done = prepare(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert notebook.read_text("utf-8") == "mine"
    assert settings.read_text("utf-8") == "channels: [ours]"
