"""The vocabulary of the table: what a row says about one resource type, and what it can work with."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import jmespath
from botocore import xform_name

from tools.local_aws.cloudformation.errors import ResourceError
from tools.local_aws.cloudformation.fitting import Fit
from tools.local_aws.cloudformation.letters import LetterBoxes

Facts = dict[str, Any]


@dataclass(frozen=True)
class Name:
    """The property with the physical name, which CloudFormation makes up when the template leaves it out."""

    property: str
    longest: int
    lower_case: bool = False
    endings: Mapping[str, str] = field(default_factory=dict)
    """How a made-up name has to end where a property, such as FifoQueue, is true."""


@dataclass(frozen=True)
class Setting:
    """Properties that have API operations of their own.

    `apply` brings about what is declared now; `remove` is called when nothing is declared any more. With
    `created_with`, the create operation takes the properties too, so that `apply` serves updates only.
    """

    properties: tuple[str, ...]
    apply: "Callable[[Work], None]"
    remove: "Callable[[Work], None] | None" = None
    created_with: bool = False


@dataclass(frozen=True)
class Tagging:
    """The operations that add and remove tags of an existing resource."""

    add: str
    remove: str
    keys_member: str = "TagKeys"


@dataclass(frozen=True)
class Read:
    """How one finds out whether a resource exists: an operation, its arguments besides the identity, and what
    its answer then has (JMESPath). Texts in braces are filled from the facts."""

    operation: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    found: str = "@"


class Home(Protocol):
    """What the types that CloudFormation itself provides reach besides the services' APIs: their stack."""

    @property
    def stack_id(self) -> str: ...

    @property
    def capabilities(self) -> tuple[str, ...]: ...

    @property
    def boxes(self) -> LetterBoxes: ...

    def owner(self, type_name: str, physical_id: str) -> str | None:
        """The id of another stack that has the resource."""

    def nest(self, name: str) -> None:
        """Lets the stack that is created next under this name be one inside."""

    def nested(self, stack_id: str) -> tuple[str, str, dict[str, str]]:
        """Status, reason of the last failure and outputs of a stack inside."""


@dataclass(frozen=True)
class Row:
    """How one resource type is carried out over the service's API.

    Texts with braces, such as `{BucketName}`, are filled from the facts known about the resource: its
    properties, or `defaults` where they are left out, `account`, `region`, and what `learns` takes from API
    answers (JMESPath). An existing resource
    is found by `read`, or else by the operation named like `create`, with Describe, Get or Head; `taken` is
    what CloudFormation says about it where that differs from what it says in general. `carry_out` takes the
    place of all operations: it does what the work's phase says, and may choose the physical id.
    """

    type_name: str
    service: str
    create: str | None = None
    reference: str = ""
    carry_out: "Callable[[Work], None] | None" = None
    update: str | None = None
    delete: str | None = None
    identity: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    learns: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    name: Name | None = None
    read: Read | None = None
    taken: str = ""
    renamed: Mapping[str, str] = field(default_factory=dict)
    arguments: "Callable[[Work], dict[str, Any]] | None" = None
    settings: tuple[Setting, ...] = ()
    tagging: Tagging | None = None
    ignored: Mapping[str, str] = field(default_factory=dict)
    before_delete: "Callable[[Work], None] | None" = None
    settle: "Callable[[Work], None] | None" = None
    settle_deletion: "Callable[[Work], None] | None" = None
    checks: "tuple[Callable[[Work], None], ...]" = ()


@dataclass
class Work:
    """One resource while it is created, updated or deleted."""

    row: Row
    clients: Callable[[str], Any]
    stack_name: str
    logical_id: str
    properties: dict[str, Any]
    facts: Facts
    phase: Literal["create", "update", "delete", "read"]
    home: Home
    read_back: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    """In the phase `read`: what is declared and what was found, by property."""
    physical_id: str | None = None
    attributes: Facts = field(default_factory=dict)
    masked: bool = False
    previous: Mapping[str, Any] = field(default_factory=dict)
    sent: bool = False

    def fill(self, text: str) -> str:
        """A text of the row with the facts put in; raises `ResourceError` for a fact that is not known."""
        try:
            return text.format_map(self.facts)
        except KeyError as error:
            raise ResourceError(
                f"{self.row.type_name}: {error} is not known when {text!r} is needed; "
                f"known: {sorted(self.facts)}"
            ) from None

    def identity(self, operation: str, given: Iterable[str] = ()) -> dict[str, Any]:
        """The members that tell the operation which resource is meant, besides those that are given."""
        wanted = self.input_members(operation) - set(given)
        return {
            member: self.fill(text) if isinstance(text, str) else [self.fill(item) for item in text]
            for member, text in self.row.identity.items()
            if member in wanted
        }

    def call(self, operation: str, arguments: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Calls the row's service; raises `ResourceError` if the operation has no member for an argument."""
        given = arguments or {}
        parameters, uncarried = self.fit(operation, {**self.identity(operation, given), **given})
        if uncarried:
            raise self.refusal(uncarried, operation)
        return self.send(operation, parameters)

    def fit(self, operation: str, arguments: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
        """The call's parameters, and the paths it has no member for."""
        fit = Fit()
        shape = self._model(operation).input_shape
        try:
            parameters = fit.value(arguments, shape, "") if shape else {}
        except ValueError as error:
            raise ResourceError(f"{self.row.type_name}: {operation}: {error}") from error
        return parameters, fit.uncarried

    def send(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Calls the row's service with parameters that fit already."""
        self.sent = True
        answer: dict[str, Any] = getattr(self.clients(self.row.service), xform_name(operation))(**parameters)
        return answer

    def refusal(self, paths: Iterable[str], operation: str) -> ResourceError:
        """What is said about properties that no API call carries."""
        names = ", ".join(sorted(set(paths)))
        return ResourceError(
            f"{self.row.type_name}: the embedded AWS does not carry out {names} ({operation} takes no such "
            "member). Leave it out of the template, or extend the type's row in "
            "tools/local_aws/cloudformation/rows."
        )

    def learn(self, expressions: Mapping[str, str], answer: Mapping[str, Any]) -> None:
        """Adds to the facts what the expressions find in an API answer."""
        for fact, expression in expressions.items():
            value = jmespath.search(expression, answer)
            if value is not None:
                self.facts[fact] = value

    def _model(self, operation: str) -> Any:
        return self.clients(self.row.service).meta.service_model.operation_model(operation)

    def input_members(self, operation: str) -> set[str]:
        shape = self._model(operation).input_shape
        return set(shape.members) if shape else set()
