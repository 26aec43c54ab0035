"""The card of a version is one that the registry takes, whatever the configuration says."""

import json
from typing import Any

import pytest

from config.models.card import Card
from config.settings import Settings, UseCase
from stacks.training.pipeline_definition import pipeline_definition
from tests.stacks.training.test_pipeline_definition import RESOURCES
from tools.local_aws.sagemaker.registry.model_cards import check_card

ODD = 'Says "no", a \\ and a line\nbreak, größer'


def card_of(settings: Settings, use_case: UseCase) -> Any:
    """The card as an execution would register it: of numbers 0.5, of texts the word text."""
    training = settings.environments[0].use_cases["house-prices"].training
    register = pipeline_definition(use_case, training, RESOURCES)["Steps"][-1]["Arguments"]["IfSteps"][0]
    card = register["Arguments"]["ModelCard"]
    joined = card["ModelCardContent"]["Std:Join"]
    assert joined["On"] == ""
    text = "".join(piece if isinstance(piece, str) else _value(piece) for piece in joined["Values"])
    check_card({"ModelCardContent": text})
    assert card["ModelCardStatus"] == "PendingReview"
    return json.loads(text)


def _value(expression: Any) -> str:
    is_number = str(expression.get("Std:JsonGet", {}).get("Path", "")).endswith(".value")
    return "0.5" if is_number else "text"


@pytest.fixture(scope="module")
def use_case(sample_settings: Settings) -> UseCase:
    return sample_settings.use_cases["house-prices"]


def test_every_use_case_has_a_card_that_the_registry_takes(settings: Settings) -> None:
    for environment in settings.environments:
        for name, deployment in environment.use_cases.items():
            definition = pipeline_definition(settings.use_cases[name], deployment.training, RESOURCES)
            register = definition["Steps"][-1]["Arguments"]["IfSteps"][0]["Arguments"]
            pieces = register["ModelCard"]["ModelCardContent"]["Std:Join"]["Values"]
            text = "".join(piece if isinstance(piece, str) else _value(piece) for piece in pieces)
            check_card({"ModelCardContent": text})


def test_what_people_say_of_the_model_is_in_its_card(sample_settings: Settings, use_case: UseCase) -> None:
    said = Card(business_problem=ODD, intended_uses="estimates", owner="us", caveats="no taxes", risk="Low")
    content = card_of(sample_settings, use_case.model_copy(update={"card": said}))
    assert content["business_details"] == {"business_problem": ODD, "business_stakeholders": "us"}
    assert content["intended_uses"] == {
        "purpose_of_model": "Predicts Sale_Price (regression)",
        "intended_uses": "estimates",
        "risk_rating": "Low",
    }
    assert content["model_overview"]["model_creator"] == "us"
    assert content["additional_information"]["caveats_and_recommendations"] == "no taxes"


def test_without_it_the_card_says_what_the_pipeline_knows(
    sample_settings: Settings, use_case: UseCase
) -> None:
    personal = {"Neighborhood": "mask 3", "Misc_Val": "drop"}
    content = card_of(sample_settings, use_case.model_copy(update={"card": None, "personal_data": personal}))
    assert "business_details" not in content
    assert content["intended_uses"]["risk_rating"] == "Unknown"
    (evaluation,) = content["evaluation_details"]
    assert evaluation["metadata"] == {
        "criterion": f"within_10_percent at least {use_case.success.threshold:g}"
    }
    (group,) = evaluation["metric_groups"]
    measured = {each["name"]: each["value"] for each in group["metric_data"]}
    assert measured["within_10_percent"] == measured["rmse"] == 0.5
    assert "cost_per_row" not in measured
    assert evaluation["evaluation_observation"] == "text"
    assert content["model_overview"] == {"model_artifact": ["text"]}
    more = content["additional_information"]
    assert "Neighborhood: mask 3; Misc_Val: drop" in more["ethical_considerations"]
    assert "Gr_Liv_Area" in more["custom_details"]["numbers"]
    details = content["training_details"]["training_job_details"]
    assert details["training_environment"]["container_image"] == [RESOURCES.xgboost_image]


def test_long_lists_of_columns_are_cut(sample_settings: Settings, use_case: UseCase) -> None:
    features = use_case.features.model_copy(update={"numeric": tuple(f"column_{n}" for n in range(500))})
    content = card_of(sample_settings, use_case.model_copy(update={"features": features}))
    assert len(content["additional_information"]["custom_details"]["numbers"]) == 1024
