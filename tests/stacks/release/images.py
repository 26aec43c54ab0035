"""What both kinds of releases ask about the image of a version."""

from typing import Any

IMAGE = "$.Package.Described.InferenceSpecification.Containers[0].Image"


def check_an_image_is_asked_for(choice: dict[str, Any]) -> None:
    """First whether there is one: a rule about what is not there would end the execution instead."""
    (rule,) = choice["Choices"]
    is_there = rule["And"].index({"Variable": IMAGE, "IsPresent": True})
    (patterns,) = (each for each in rule["And"] if "Or" in each)
    assert is_there < rule["And"].index(patterns)
    assert {each["Variable"] for each in patterns["Or"]} == {IMAGE}
    assert choice["Default"] == "RefuseOrigin"
