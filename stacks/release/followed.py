"""Versions that another environment has trained: its release has looked at them and taken their files.

Nobody but that release writes there, and nothing twice. The record that it puts beside the files says what it
has compared them with. Which execution registered a version it alone can ask: a registry tells other accounts
of versions only, https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-version.html
"""

from collections.abc import Sequence
from dataclasses import dataclass

from stacks.parts.layout import MODEL_DATA, RECORD_FILE, Layout, Zone
from stacks.parts.states import choice, task, when
from stacks.release.version import Json, Versions, is_served_by_one_image, newest_approved, refuse_origin

_UNTIL_THEY_ARE_THERE = {
    "ErrorEquals": ["States.TaskFailed"],
    "IntervalSeconds": 15,
    "BackoffRate": 1,
    "MaxAttempts": 40,
}


@dataclass(frozen=True)
class Followed(Versions):
    """They come from the registry of another environment; what serves them is ours."""

    here: str
    """What our stacks and endpoints are called after, with `{}` for the use case."""
    group_arn: str
    """Of the other environment's group; by its name another account's is not found."""
    version_arn: str
    """Of a version in it, with `{}` for use case and number."""
    models: Zone
    """What the other environment's release has taken."""
    repositories: Sequence[str]
    """Of the image: one of them."""
    layout: Layout

    @property
    def fixed_name(self) -> str:
        return f"States.Format('{self.here}', $.UseCase)"

    @property
    def group(self) -> str:
        return f"States.Format('{self.group_arn}', $.UseCase)"

    def stack(self, kind: str) -> str:
        return f"States.Format('{self.here}-{kind}', $.UseCase)"

    def reading(self) -> Json:
        # The other environment's release begins when this one does. S3 says the same of what is not there
        # yet and of what may not be read.
        return {"Retry": [_UNTIL_THEY_ARE_THERE]}

    def record(self) -> Json:
        key = self.models.key("{}", "{}", RECORD_FILE)
        return {"Bucket": self.models.bucket.name, "Key.$": _of_version(key)}

    def artifact(self) -> str:
        return self.report(MODEL_DATA)

    def report(self, name: str) -> str:
        return _of_version(f"{self.models.bucket.name}/{self.models.key('{}', '{}')}/{name}")


def _of_version(text: str) -> str:
    return f"States.Format('{text}', $.UseCase, $.Package.Version)"


def check_registry(versions: Followed, decided: str) -> dict[str, Json]:
    """The version is one of the use case, in the registry that is followed: its ARN says so."""
    return {
        "NameVersion": {
            "Type": "Pass",
            "Parameters": {"Arn.$": _of_version(versions.version_arn)},
            "ResultPath": "$.Expected",
            "Next": "IsOfTheRegistry",
        },
        "IsOfTheRegistry": choice(
            when("$.Package.Arn", "StringEqualsPath", "$.Expected.Arn", decided), default="RefuseOrigin"
        ),
        **refuse_origin("The version is not one of the registry that this environment follows"),
    }


def check_form(versions: Followed, following: str) -> dict[str, Json]:
    """What serves it is one container, with an image that this environment takes."""
    return {
        "IsServable": choice(
            {"And": is_served_by_one_image(versions.repositories), "Next": following}, default="RefuseOrigin"
        ),
    }


def look_for_newer(versions: Followed, newest: str) -> dict[str, Json]:
    """Events come late, twice and in any order: the newest approved version serves, whichever came last."""
    found = "$.Newest.ModelPackageSummaryList[0]"
    return {
        "LookForNewer": task(
            "sagemaker:listModelPackages", newest_approved(versions), "IsNewest", ResultPath="$.Newest"
        ),
        "IsNewest": choice(
            {
                "And": [
                    {"Variable": found, "IsPresent": True},
                    {"Variable": f"{found}.ModelPackageArn", "StringEqualsPath": "$.Package.Arn"},
                ],
                "Next": newest,
            },
            default="NothingToDo",
        ),
    }
