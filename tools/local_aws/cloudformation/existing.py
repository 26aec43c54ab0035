"""Resources that exist before their stack creates them: in the way, or taken over.

Sources: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/validate-stack-deployments.html, and for the
words of the failed import what the CDK CLI looks for: `_tryDetectFailedAutoImport` in its stack-diagnoser.ts.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from tools.local_aws.cloudformation.planning import Mistake
from tools.local_aws.cloudformation.schemas import resource_schema
from tools.local_aws.cloudformation.state import Request
from tools.local_aws.cloudformation.template import ResourceDeclaration

_TAKEN_OVER = ("Retain", "RetainExceptOnCreate")


@dataclass(frozen=True)
class Collision:
    """A resource to be created whose identifier is taken; it can be taken over unless a stack owns it."""

    declaration: ResourceDeclaration
    identifier: dict[str, str]
    owned: bool

    @property
    def importable(self) -> bool:
        return not self.owned and self.declaration.deletion_policy in _TAKEN_OVER

    @property
    def mistake(self) -> Mistake:
        """What early validation says."""
        declaration, name = self.declaration, "|".join(self.identifier.values())
        text = f"Resource of type '{declaration.type_name}' with identifier '{name}' already exists."
        return Mistake(declaration.logical_id, declaration.type_name, text, is_conflict=True)

    def __str__(self) -> str:
        shown = ",".join(f"{name}={value}" for name, value in self.identifier.items())
        return f"{self.declaration.logical_id} ({{{shown}}})"


def static_identifier(declaration: ResourceDeclaration) -> dict[str, str] | None:
    """The primary identifier if the template spells it out; functions and what the service chooses do not."""
    schema = resource_schema(declaration.type_name)
    assert schema is not None, f"{declaration.type_name} has been refused before"
    names = [path[-1] for path in schema.paths("primaryIdentifier")]
    values = {name: declaration.properties.get(name) for name in names}
    if set(names) & schema.read_only or not all(isinstance(value, str) for value in values.values()):
        return None
    return {name: str(value) for name, value in values.items()}


OUTPUTS_CHANGE = "As part of the import operation, you cannot modify or add [Outputs]"


def refuse_import(
    request: Request,
    declared: Mapping[str, ResourceDeclaration],
    known: Collection[str],
    changed: Sequence[str],
) -> str | None:
    """Why an import of named resources cannot be carried out; it may do nothing besides.

    The words are those of reports:
    https://github.com/awslabs/aws-security-assessment-solution/issues/6,
    https://github.com/aws-quickstart/quickstart-awx/issues/38, and of
    https://repost.aws/knowledge-center/cloudformation-import-stack-errors
    """
    unprotected = [
        name
        for name in request.imports
        if name in declared and "DeletionPolicy" not in request.template.document["Resources"][name]
    ]
    missing = [name for name in declared if name not in known and name not in request.imports]
    if unprotected:
        return (
            f"The following resources to import [{', '.join(unprotected)}] must have DeletionPolicy "
            "attribute specified in the template."
        )
    if missing:
        return f"Resources [{', '.join(missing)}] is missing from ResourceToImport list"
    if changed:
        return (
            f"You have modified resources [{', '.join(changed)}] in your template that are not being "
            "imported. Update, create or delete operations cannot be executed during import operations."
        )
    absent = [name for name in request.imports if name not in declared]
    return f"Resources [{', '.join(absent)}] do not exist in the template" if absent else None


def not_importable(collisions: Iterable[Collision]) -> str:
    """Why a change set that imports fails."""
    return (
        "CloudFormation is attempting to import some resources because they already exist in your account. "
        "The resources must have the DeletionPolicy attribute set to 'Retain' or 'RetainExceptOnCreate' in "
        f"the template for successful import. The affected resources are {', '.join(map(str, collisions))}"
    )
