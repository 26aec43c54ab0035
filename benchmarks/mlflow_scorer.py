"""Runs beside a model's own code where mlflow is: `python mlflow_scorer.py <model folder> <parts> <port>`.

The same transform and trees as scikit-learn's Pipeline, saved and scored as MLflow does it, with one worker.
"""

import sys
from pathlib import Path

import mlflow.sklearn
import uvicorn
from inference import model_fn
from mlflow.pyfunc import load_model, scoring_server
from one_row import scikit_learn_pipeline  # type: ignore[import-not-found]


def main(model_folder: Path, parts: Path, port: int) -> None:
    saved = model_folder.parent / "mlflow"
    pipeline = scikit_learn_pipeline(model_fn(str(model_folder)), model_folder, parts)
    mlflow.sklearn.save_model(pipeline, saved, pip_requirements=[])
    uvicorn.run(scoring_server.init(load_model(str(saved))), port=port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
