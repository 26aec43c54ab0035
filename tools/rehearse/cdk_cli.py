"""The real CDK CLI, as a person would call it."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

from tools.rehearse.errors import RehearsalError

_LINES_SHOWN = 15


class CdkCli:
    """Runs `cdk` in the repository and keeps everything it prints in a log."""

    def __init__(self, repository: Path, folder: Path) -> None:
        self._repository = repository
        self.log_path = folder / "cdk.log"
        # The CLI remembers the account of an access key: in the user's home it would take real accounts for
        # the embedded one, and that one for real. https://github.com/aws/aws-cdk-cli
        self.own_home = {"CDK_HOME": str(folder / "cdk-home")}

    def run(self, *arguments: str, environment: Mapping[str, str]) -> None:
        """One command; a failure becomes a RehearsalError with the end of what it printed."""
        command = ["cdk", *arguments, "--no-color", "--no-notices"]
        with self.log_path.open("a", encoding="utf-8") as log:
            print(f"\n$ {' '.join(command)}", file=log, flush=True)
            start = log.tell()
            try:
                finished = subprocess.run(
                    command,
                    cwd=self._repository,
                    env={**environment, **self.own_home},
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    check=False,
                )
            except FileNotFoundError:
                raise RehearsalError("the CDK CLI is not installed; run `make setup`") from None
        if finished.returncode:
            with self.log_path.open(encoding="utf-8") as log:
                log.seek(start)
                printed = [line for line in log.read().splitlines() if line.strip()]
            raise RehearsalError(
                "\n".join([f"`{command[0]} {command[1]}` failed:", *printed[-_LINES_SHOWN:]]), self.log_path
            )
