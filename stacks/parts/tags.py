"""The tags of everything an environment deploys: by them costs are told apart and things are found.

They are fixed on purpose: job definitions and feature groups cannot change a tag, so another one replaces
them, as docs/operations.md says.
"""

import aws_cdk as cdk

from config.settings import Environment

ENVIRONMENT = "environment"
USE_CASE = "use-case"


def tag_environment(stage: cdk.Stage, environment: Environment) -> None:
    """The environment's name and the tags of its file, on every resource of the stage that takes tags."""
    for key, value in {**environment.tags, ENVIRONMENT: environment.name}.items():
        cdk.Tags.of(stage).add(key, value)
