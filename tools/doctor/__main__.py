"""`python -m tools.doctor cdk.out/assembly-dev`: what an environment needs and this machine or account lacks.

Nothing is changed, and whatever the caller may not ask is told as not known, with the right that it takes.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.doctor import account, availability, machine, network, quotas
from tools.doctor.checks import Check, State, page
from tools.synthesized import read_environment

CHECKS = (
    Check("Python", machine.python),
    Check("Node", machine.node),
    Check("CDK CLI", machine.cdk_cli),
    Check("disk", machine.disk),
    Check("clock", machine.clock),
    Check("credentials", account.credentials),
    Check("regions", account.regions),
    Check("bootstrap", account.bootstrap),
    Check("services", availability.services),
    Check("closed features", availability.closed_features),
    Check("zones", availability.zones),
    Check("endpoint services", availability.endpoint_services),
    Check("existing network", network.existing_network),
    Check("quota of VPCs", quotas.vpcs),
    Check("quotas of SageMaker", quotas.sagemaker),
    Check("quotas of other services", quotas.others),
    Check("images", availability.images),
    Check("mail", account.mail),
    Check("Slack", account.slack),
    Check("orphaned stacks", account.orphaned_stacks),
)


def main(argv: Sequence[str]) -> int:
    """The status is 1 where there is a problem."""
    parser = argparse.ArgumentParser(prog="python -m tools.doctor", description=__doc__)
    parser.add_argument("assembly", type=Path, help="the environment's synthesized templates")
    environment = read_environment(parser.parse_args(argv).assembly)
    found = [(check.name, finding) for check in CHECKS for finding in check.carry_out(environment)]
    print(page(f"{environment.name} in {environment.account}, {environment.region}", found))
    return int(any(finding.state is State.PROBLEM for _, finding in found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
