"""`python -m tools.bootstrap dev`: puts boundary and execution policies into an account and bootstraps it."""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import boto3

from tools.bootstrap.cdk_bootstrap import arguments
from tools.bootstrap.managed_policies import Place, put_policies
from tools.synthesized import synthesize


def main() -> None:
    """Needs administrator credentials of the environment's account."""
    parser = argparse.ArgumentParser(prog="python -m tools.bootstrap", description=__doc__)
    parser.add_argument("environment", help="name of a file in config/environments, without .yaml")
    environment = parser.parse_args().environment
    with tempfile.TemporaryDirectory() as folder:
        synthesized = synthesize(environment, Path(folder))
        account, region = synthesized.account, synthesized.region
        signed_in = boto3.client("sts", region_name=region).get_caller_identity()["Account"]
        if signed_in != account:
            sys.exit(f"You are signed in to {signed_in}, but {environment} is in {account}. Sign in there.")
        place = Place(synthesized.prefix, account, synthesized.regions, synthesized.qualifier)
        policies = put_policies(boto3.client("iam", region_name=region), place)
        targets = [f"aws://{account}/{each}" for each in synthesized.regions]
        command = ["cdk", "bootstrap", *targets, "--app", folder, *arguments(place, policies)]
        sys.exit(subprocess.run(command, check=False).returncode)


if __name__ == "__main__":
    main()
