"""Serves MLflow's API for one app; runs as a process of its own.

Usage: `python mlflow_program.py <folder of packages> <folder of runs> <artifact root> <socket>`.
Runs are files: a database would have to be set up first, which takes longer than everything else here.
"""

import importlib
import os
import socket
import sys

from waitress.server import create_server


def main(packages: str, runs: str, artifacts: str, listener: int) -> None:
    """Serves for ever. MLflow reads where its store is from these variables, as `mlflow server` sets them."""
    os.environ.update({"_MLFLOW_SERVER_FILE_STORE": runs, "_MLFLOW_SERVER_ARTIFACT_ROOT": artifacts})
    sys.path.append(packages)
    app = importlib.import_module("mlflow.server").app
    create_server(app, sockets=[socket.socket(fileno=listener)], threads=4).run()


if __name__ == "__main__":
    folders = sys.argv[1:4]
    main(folders[0], folders[1], folders[2], int(sys.argv[4]))
