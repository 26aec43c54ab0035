"""`python -m tools.plan cdk.out/assembly-dev`: in which order stacks are deployed, and how full they are.

Nothing is asked of an account. What a deployment would change there, `cdk diff` says.
"""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tools.synthesized import Stack, Synthesized, read_environment

# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
LIMITS: Mapping[str, tuple[int, Callable[[Stack], int]]] = {
    "resources": (500, lambda stack: len(stack.template.get("Resources", ()))),
    "parameters": (200, lambda stack: len(stack.template.get("Parameters", ()))),
    "outputs": (200, lambda stack: len(stack.template.get("Outputs", ()))),
    "bytes": (1_000_000, lambda stack: len(json.dumps(stack.template, separators=(",", ":")).encode())),
}
"""What a template may hold, and how much of it one has."""


def main(argv: Sequence[str]) -> int:
    """The status is 1 where a template is over a limit."""
    parser = argparse.ArgumentParser(prog="python -m tools.plan", description=__doc__)
    parser.add_argument("assembly", type=Path, help="the environment's synthesized templates")
    environment = read_environment(parser.parse_args(argv).assembly)
    print(page(environment))
    return int(
        any(used(stack, kind) > limit for stack in environment.stacks for kind, (limit, _) in LIMITS.items())
    )


def page(environment: Synthesized) -> str:
    """Stacks in the order of their deployment, the longest chain of them, and the fullest of each limit."""
    steps = in_steps(environment.stacks)
    lines = [
        f"{environment.name} in {environment.account}, {environment.region}: {len(environment.stacks)} stacks"
    ]
    for number, stacks in enumerate(steps, start=1):
        for stack in stacks:
            lines.append(f"{number:5}  {stack.name:50} {used(stack, 'resources'):4} resources")
    chain = critical_path(environment.stacks)
    after = sum(used(stack, "resources") for stack in chain)
    lines += [
        f"Stacks of one number wait for none of each other. The longest chain has {after} resources:",
        f"  {' → '.join(stack.path.partition('/')[2] for stack in chain)}",
        "The fullest templates:",
        *(f"  {line}" for line in _fullest(environment.stacks)),
    ]
    return "\n".join(lines)


def used(stack: Stack, kind: str) -> int:
    """How much a template has of what CloudFormation limits."""
    return LIMITS[kind][1](stack)


def in_steps(stacks: Sequence[Stack]) -> list[list[Stack]]:
    """Stacks that wait for none, those that wait for these alone, and so on."""
    depths: dict[str, int] = {}
    for stack in stacks:  # each after those that it waits for
        depths[stack.path] = 1 + max((depths[path] for path in stack.waits_for), default=-1)
    return [
        [stack for stack in stacks if depths[stack.path] == depth]
        for depth in range(max(depths.values()) + 1)
    ]


def critical_path(stacks: Sequence[Stack]) -> list[Stack]:
    """Those that wait for each other and have most resources together: no deployment is shorter."""
    longest: dict[str, list[Stack]] = {}
    for stack in stacks:
        before = [longest[path] for path in stack.waits_for]
        longest[stack.path] = [*max(before, key=_resources, default=[]), stack]
    return max(longest.values(), key=_resources)


def _resources(chain: Sequence[Stack]) -> int:
    return sum(used(stack, "resources") for stack in chain)


def _fullest(stacks: Sequence[Stack]) -> list[str]:
    lines = []
    for kind, (limit, _) in LIMITS.items():
        stack = max(stacks, key=lambda each: used(each, kind))
        over = "" if used(stack, kind) <= limit else ": CloudFormation refuses it"
        lines.append(f"{used(stack, kind):9,} of {limit:9,} {kind:10} {stack.name}{over}")
    return lines


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
