"""What the model server calls: load the model, answer a request.

A request is text/csv without a header (features in the schema's order) or application/json (an object or a
list of objects by feature name). An empty cell or null is a missing value.
"""

from __future__ import annotations

import json
import logging
import os
import traceback
from pathlib import Path

import numpy as np
from flask import Response
from model import Model
from personal import coarser_cells
from request_body import CsvRows, JsonRows, parse_csv, parse_json, to_text
from request_errors import (
    NoFinitePrediction,
    NotAcceptable,
    RequestError,
    TooManyRows,
    UnsupportedContentType,
)
from request_rows import Cells, cells_of_csv, cells_of_json
from served_answers import answers_as_csv
from tabular import to_features

CSV, JSON = "text/csv", "application/json"
MEDIA_RANGES = {CSV: CSV, "text/*": CSV, JSON: JSON, "application/*": JSON}
ANYTHING = ("", "*/*")
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


def transform_fn(model: Model, body: str | bytes, content_type: str | None, accept: str | None) -> Response:
    """The answer with its status and media type, in the request's own type unless `accept` asks for another.

    AWS's server answers every exception with 500, and a text alone as text/html. So a refusal is returned,
    not raised: else a client's mistake would count as the model's, and could roll a deployment back. The
    media type has no charset, because data capture keeps what is exactly text/csv as readable text.
    https://github.com/aws/sagemaker-scikit-learn-container/issues/62
    https://github.com/aws/sagemaker-python-sdk/issues/2785
    """
    try:
        given = _supported(content_type)
        wanted = _wanted(accept, given)
        return Response(_write(_predict(_read(body, given), model), model, wanted), content_type=wanted)
    except RequestError as error:
        return Response(str(error), error.status_code, content_type="text/plain")
    except Exception as error:
        # Without the message, which can hold what was asked; the server would log it.
        way = "".join(traceback.format_tb(error.__traceback__))
        log.error("%s\n%s", type(error).__name__, way)
        return Response("the model cannot answer", 500, content_type="text/plain")


def _supported(content_type: str | None) -> str:
    kind = _media_type(content_type or "")
    if kind not in (CSV, JSON):
        raise UnsupportedContentType(f"content type is not supported; send {CSV} or {JSON}")
    return kind


def _wanted(accept: str | None, given: str) -> str:
    """The first of the accepted types that can be given."""
    for choice in map(_media_type, (accept or "").split(",")):
        if choice in ANYTHING:
            return given
        if choice in MEDIA_RANGES:
            return MEDIA_RANGES[choice]
    raise NotAcceptable(f"the accepted types are not supported; accept {CSV} or {JSON}")


def _read(body: str | bytes, kind: str) -> CsvRows | JsonRows:
    text = to_text(body)
    data = parse_csv(text) if kind == CSV else parse_json(text)
    most = int(os.environ.get(MOST_ROWS_VARIABLE, MOST_ROWS))
    if len(data.rows) > most:
        raise TooManyRows(
            f"{len(data.rows)} rows in one request, at most {most} are allowed; send several requests"
        )
    return data


def _predict(data: CsvRows | JsonRows, model: Model) -> np.ndarray:
    """The model's numbers; raises RequestError naming rows and columns that do not fit the model's schema."""
    schema = model.schema
    cells = cells_of_csv(data.rows, schema) if isinstance(data, CsvRows) else cells_of_json(data.rows, schema)
    features = to_features(coarser_cells(cells, schema.personal), schema)
    unseen = model.transform.unseen_categories(features)
    if unseen:
        log.warning("categories never seen in training, cells by column: %s", json.dumps(unseen))
    return model.predict(features)


def _write(prediction: np.ndarray, model: Model, kind: str) -> str:
    """The answer as text; raises NoFinitePrediction instead of writing NaN."""
    if not np.isfinite(prediction).all():
        raise NoFinitePrediction("the model has no finite prediction for a row of this request")
    answers = model.answers(prediction)
    if kind == CSV:
        return answers_as_csv(answers)
    content: dict[str, object] = {"predictions": answers}
    if prediction.ndim > 1:
        content["probabilities"] = [dict(zip(model.labels, row, strict=True)) for row in prediction.tolist()]
    return json.dumps(content, allow_nan=False)


def _media_type(header: str) -> str:
    """Type without parameters such as charset."""
    return header.partition(";")[0].strip().lower()
