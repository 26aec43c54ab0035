"""What the model server calls: load the model, read a request, predict, write the answer.

A request is text/csv without a header (features in the schema's order) or application/json (an object or a
list of objects by feature name). An empty cell or null is a missing value. Refusals are RequestErrors.
"""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path

import numpy as np
from model import Model
from request_body import CsvRows, JsonRows, parse_csv, parse_json, to_text
from request_errors import NoFinitePrediction, NotAcceptable, TooManyRows, UnsupportedContentType
from request_rows import Cells, cells_of_csv, cells_of_json
from tabular import to_features

CSV, JSON = "text/csv", "application/json"
ANSWERS = {CSV: CSV, "text/*": CSV, JSON: JSON, "application/*": JSON, "*/*": JSON, "": JSON}
MOST_ROWS_VARIABLE = "INFERENCE_MAX_ROWS"
MOST_ROWS = 10_000
log = logging.getLogger(__name__)


def model_fn(model_dir: str) -> Model:
    """Load the model once, when the server starts."""
    model = Model.load(Path(model_dir))
    # The first prediction initialises libraries; no client should wait for it.
    warm_up: Cells = {name: [None] for name in model.schema.features}
    model.predict(to_features(warm_up, model.schema))
    return model


def input_fn(body: str | bytes, content_type: str | None) -> CsvRows | JsonRows:
    """Read a request's body; raises RequestError, UnsupportedContentType or TooManyRows."""
    kind = _media_type(content_type)
    if kind not in (CSV, JSON):
        raise UnsupportedContentType(f"content type is not supported; send {CSV} or {JSON}")
    text = to_text(body)
    data = parse_csv(text) if kind == CSV else parse_json(text)
    most = int(os.environ.get(MOST_ROWS_VARIABLE, MOST_ROWS))
    if len(data.rows) > most:
        raise TooManyRows(
            f"{len(data.rows)} rows in one request, at most {most} are allowed; send several requests"
        )
    return data


def predict_fn(data: CsvRows | JsonRows, model: Model) -> np.ndarray:
    """One number per row; raises RequestError naming rows and columns that do not fit the model's schema."""
    schema = model.schema
    cells = cells_of_csv(data.rows, schema) if isinstance(data, CsvRows) else cells_of_json(data.rows, schema)
    features = to_features(cells, schema)
    unseen = model.transform.unseen_categories(features)
    if unseen:
        log.warning("categories never seen in training, cells by column: %s", json.dumps(unseen))
    return model.predict(features)


def output_fn(prediction: np.ndarray, accept: str | None) -> str:
    """The answer as text; raises NotAcceptable, or NoFinitePrediction instead of writing NaN."""
    wanted = [_media_type(choice) for choice in (accept or "").split(",")]
    kind = next((ANSWERS[choice] for choice in wanted if choice in ANSWERS), None)
    if kind is None:
        raise NotAcceptable(f"the accepted types are not supported; accept {CSV} or {JSON}")
    numbers = [float(number) for number in prediction]
    if not np.isfinite(prediction).all():
        raise NoFinitePrediction("the model has no finite prediction for a row of this request")
    if kind == CSV:
        return "\n".join(map(repr, numbers))
    return json.dumps({"predictions": numbers}, allow_nan=False)


def _media_type(header: str | None) -> str:
    """Type without parameters such as charset; empty when the client sent no header."""
    return (header or "").partition(";")[0].strip().lower()
