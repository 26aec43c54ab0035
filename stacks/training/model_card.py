"""The card of a version in the registry: what the configuration says of the model, and what was found.

Its content is one text, of which the numbers are known at run time only: the pipeline joins it from pieces.
Only numbers and texts of letters that need no escape are put between: metrics, addresses, two lines of ours.
https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-details.html#model-card-schema
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from config.models.use_case import COST_METRIC, metrics_of
from config.settings import UseCase
from stacks.training.pipeline_steps import Json, join

LONGEST_DETAIL, LONGEST_TEXT = 1024, 2048
_LATER = re.compile(r"\\u0000(\d+)\\u0000")


@dataclass(frozen=True)
class Known:
    """What an execution knows of the model, as expressions of its pipeline."""

    image: str
    artifact: Json
    metrics: Mapping[str, Json]
    """By name."""
    observations: Json
    """A text without quotes."""


@dataclass(frozen=True)
class _Later:
    """A number, or the inside of a text, that is known at run time."""

    expression: Json
    is_number: bool = False


def model_card(use_case: UseCase, known: Known) -> Json:
    """The member `ModelCard` of CreateModelPackage; people review it together with the version."""
    content = {
        "model_overview": _overview(use_case, known),
        "intended_uses": _intended_uses(use_case),
        "business_details": _business_details(use_case),
        "training_details": _training_details(use_case, known),
        "evaluation_details": [_evaluation(use_case, known)],
        "additional_information": _additional_information(use_case),
    }
    return {"ModelCardStatus": "PendingReview", "ModelCardContent": _joined(_without_nothing(content))}


def _overview(use_case: UseCase, known: Known) -> Json:
    creator = use_case.card.owner if use_case.card else None
    return {"model_creator": creator, "model_artifact": [_Later(known.artifact)]}


def _intended_uses(use_case: UseCase) -> Json:
    answers = f", with the probability of {use_case.positive}" if use_case.positive else ""
    purpose = f"Predicts {use_case.target} ({use_case.problem}{answers})"
    card = use_case.card
    said = {"risk_rating": "Unknown"} if card is None else {
        "intended_uses": card.intended_uses,
        "risk_rating": card.risk,
        "explanations_for_risk_rating": card.risk_because,
    }  # fmt: skip
    return {"purpose_of_model": purpose, **said}


def _business_details(use_case: UseCase) -> Json:
    card = use_case.card
    if card is None:
        return {}
    return {"business_problem": card.business_problem, "business_stakeholders": card.owner}


def _training_details(use_case: UseCase, known: Known) -> Json:
    features, split = use_case.features, use_case.split
    parts = f"{split.train:g}, {split.validation:g} and {split.test:g}"
    derived = f", others derived by {use_case.features_module}" if use_case.features_module else ""
    observations = (
        f"{use_case.algorithm}, on {len(features.numbers)} numbers and {len(features.categorical)} "
        f"categories{derived}; {parts} of the rows train, stop the training and test, by {split.by}"
    )
    given = [{"name": name, "value": str(value)} for name, value in use_case.hyperparameters.items()]
    return {
        "training_observations": observations,
        "training_job_details": {
            "training_environment": {"container_image": [known.image]},
            "user_provided_hyper_parameters": given,
        },
    }


def _evaluation(use_case: UseCase, known: Known) -> Json:
    success = use_case.success
    criterion = f"{success.metric} {success.comparison.replace('_', ' ')} {success.threshold:g}"
    measured = [
        {"name": name, "type": "number", "value": _Later(value, is_number=True)}
        for name, value in known.metrics.items()
    ]
    return {
        "name": "Test part",
        "evaluation_observation": _Later(known.observations),
        "metadata": {"criterion": criterion},
        "metric_groups": [{"name": use_case.problem, "metric_data": measured}],
    }


def _additional_information(use_case: UseCase) -> Json:
    personal = "; ".join(f"{name}: {how}" for name, how in use_case.personal_data.items())
    groups = ", ".join(facet.column for facet in use_case.bias.facets) if use_case.bias else ""
    ethics = [
        f"Personal data, made coarser or left out before training: {personal}." if personal else "",
        f"Groups whose outcomes are compared: {groups}." if groups else "",
    ]
    details = {
        "numbers": ", ".join(use_case.features.numbers),
        "categories": ", ".join(use_case.features.categorical),
        "left out": "; ".join(f"{name}: {reason}" for name, reason in use_case.drop.items()),
    }
    return {
        "ethical_considerations": " ".join(filter(None, ethics))[:LONGEST_TEXT],
        "caveats_and_recommendations": use_case.card.caveats if use_case.card else None,
        "custom_details": {name: text[:LONGEST_DETAIL] for name, text in details.items()},
    }


def metrics_measured(use_case: UseCase) -> list[str]:
    """Those that every evaluation of the use case reports."""
    return [name for name in metrics_of(use_case.problem) if name != COST_METRIC or use_case.costs]


def _without_nothing(content: Any) -> Any:
    """The content without members that say nothing."""
    if isinstance(content, dict):
        kept = {name: _without_nothing(value) for name, value in content.items()}
        return {name: value for name, value in kept.items() if value not in (None, "", {}, [])}
    return [_without_nothing(each) for each in content] if isinstance(content, list) else content


def _joined(content: Json) -> Json:
    """One text of JSON, joined from what is known now and what is known later."""
    later: list[_Later] = []

    def mark(value: _Later) -> str:
        later.append(value)
        return f"\0{len(later) - 1}\0"

    pieces: list[Any] = _LATER.split(json.dumps(content, default=mark))
    for place in range(1, len(pieces), 2):
        value = later[int(pieces[place])]
        if value.is_number:
            pieces[place - 1] = pieces[place - 1].removesuffix('"')
            pieces[place + 1] = pieces[place + 1].removeprefix('"')
        pieces[place] = value.expression
    return join(*pieces, on="")
