"""What CloudFormation's own types reach of the service: their stack, stacks inside it, and letter boxes."""

from dataclasses import dataclass

from tools.local_aws.cloudformation.letters import LetterBoxes
from tools.local_aws.cloudformation.state import Stack, Stacks


@dataclass(frozen=True)
class StackHome:
    """`row.Home` for the resources of one stack."""

    stack: Stack
    stacks: Stacks
    boxes: LetterBoxes
    capabilities: tuple[str, ...]

    @property
    def stack_id(self) -> str:
        return self.stack.stack_id

    def owner(self, type_name: str, physical_id: str) -> str | None:
        for stack in self.stacks.all():
            for resource in list(stack.resources.values()):
                found = (resource.type_name, resource.physical.physical_id)
                if stack is not self.stack and found == (type_name, physical_id):
                    return stack.stack_id
        return None

    def nest(self, name: str) -> None:
        self.stacks.parents[name] = self.stack

    def nested(self, stack_id: str) -> tuple[str, str, dict[str, str]]:
        inner = self.stacks.get(stack_id, also_deleted=True)
        reasons = [event.reason for event in inner.events if event.logical_id == inner.name and event.reason]
        outputs = {output.key: output.value for output in inner.outputs}
        return inner.status, reasons[-1] if reasons else "", outputs
