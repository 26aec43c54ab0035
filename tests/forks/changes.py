"""Everyday changes of a fork: each edits the files of a clone, and fails if they are not what it expects."""

import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

NETWORK = """network:
  vpc_id: vpc-0123456789abcdef0
  subnet_ids: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]
  availability_zones: [us-east-1a, us-east-1b]
  security_group_ids: [sg-0123456789abcdef0]
  vpc_endpoints: [s3, sagemaker.api, sagemaker.runtime, sts, logs, monitoring, kms, ecr.api, ecr.dkr, studio,
    mlflow, glue, athena, databrew, sagemaker.featurestore-runtime]
"""
USE_CASES = """use_cases:
  used-cars:
    model: latest-approved
    endpoint:
      instance_type: ml.m5.large
      instances: {min: 2, max: 4}
"""
SCHEDULE = """\
            schedules["MonitoringScheduleName"] = self.version.only_with_model(monitor.schedule_name)"""
ALARM = """
            rush = create_alarm(
                self,
                "Rush",
                Metric("AWS/SageMaker", "Invocations", {"EndpointName": self.fixed_name}, "Sum", HOUR),
                ABOVE,
                100_000,
                description=f"{self.fixed_name}: more requests in an hour than planned",
                actions=[self.foundation.alert_topic_arn],
            )
            self.version.require([rush])
"""
CODE = "from stacks.parts.jobs import Code\n"
OF_ALARMS = """\
from stacks.parts.alarms import ABOVE, create_alarm
from stacks.parts.jobs import Code
from stacks.parts.metrics import HOUR, Metric
"""
STEP = """    def summarize(self) -> Json:
        return self._script(
            "Summarize",
            "summarize",
            arguments=[],
            inputs={"test": output_uri("Preprocess", "test")},
            outputs=[self._execution_output("summary")],
        )

    def check_metric(self) -> Json:
"""
SCRIPT = '''"""Counts the rows of the test part."""

from __future__ import annotations

import json
from collections.abc import Sequence

from tabular import Schema, base_dir, read_part


def main(argv: Sequence[str]) -> None:
    """Read <base>/processing/input/test, write <base>/processing/output/summary."""
    processing = base_dir() / "processing"
    folder, output = processing / "input" / "test", processing / "output" / "summary"
    test = read_part(folder, "test", Schema.read(folder))
    output.mkdir(parents=True, exist_ok=True)
    (output / "summary.json").write_text(json.dumps({"rows": len(test.features), "arguments": list(argv)}))
'''

WORKFLOWS = (".github/workflows/deploy.yml", ".github/workflows/drift.yml")


class ChangeError(Exception):
    """A file of the clone is not what the change expects."""


@dataclass(frozen=True)
class Fork:
    """A clone that somebody changes."""

    root: Path

    @property
    def environments(self) -> list[str]:
        return sorted(path.stem for path in (self.root / "config" / "environments").glob("*.yaml"))

    @staticmethod
    def environment(name: str) -> str:
        return f"config/environments/{name}.yaml"

    def read(self, file: str) -> str:
        return (self.root / file).read_text("utf-8")

    def write(self, file: str, text: str) -> None:
        (self.root / file).write_text(text, "utf-8")

    def remove(self, file: str) -> None:
        (self.root / file).unlink()

    def replace(self, file: str, old: str, new: str) -> None:
        """Replaces what is in the file exactly once."""
        self._edit(file, re.escape(old), new)

    def set(self, file: str, key: str, lines: str) -> None:
        """Replaces a key of the first level with all below it."""
        self._edit(file, rf"^{key}:.*\n(?: .*\n)*", lines)

    def _edit(self, file: str, pattern: str, new: str) -> None:
        text, count = re.subn(pattern, lambda _: new, self.read(file), flags=re.MULTILINE)
        if count != 1:
            raise ChangeError(f"{file} has {count} of {pattern}")
        self.write(file, text)


def other_accounts_and_region(fork: Fork) -> None:
    for number, name in enumerate(fork.environments):
        file = fork.environment(name)
        fork.set(file, "account", f'account: "44445555666{number}"\n')
        fork.replace(file, "region: us-east-1\n", "region: eu-central-1\n")
        fork.replace(file, "[us-east-1a, us-east-1b]", "[eu-central-1a, eu-central-1b]")


def pinned_version(fork: Fork) -> None:
    fork.replace(fork.environment("prod"), "model: none", "model: 7")


def one_more_alarm(fork: Fork) -> None:
    stack = "stacks/monitoring/stack.py"
    fork.replace(stack, CODE, OF_ALARMS)
    fork.replace(stack, f"{SCHEDULE}\n", f"{SCHEDULE}{ALARM}")


def one_more_step(fork: Fork) -> None:
    definition = "stacks/training/pipeline_definition.py"
    fork.replace(
        definition,
        "            steps.evaluate(),\n",
        "            steps.evaluate(),\n            steps.summarize(),\n",
    )
    fork.replace(definition, "    def check_metric(self) -> Json:\n", STEP)
    fork.replace(
        "pipeline_code/__main__.py",
        '"evaluate": "message",',
        '"evaluate": "message", "summarize": "message",',
    )
    fork.write("pipeline_code/summarize.py", SCRIPT)


def monitored_by(engine: str, fork: Fork) -> None:
    fork.replace(
        fork.environment("dev"),
        "    monitoring:\n      ground_truth: {after_days: 7}\n"
        "    retraining: {alarms: [drift, quality], at_most_every_days: 7}\n",
        f"    monitoring: {{engine: {engine}}}\n",
    )


def existing_vpc(fork: Fork) -> None:
    fork.set(fork.environment("dev"), "network", NETWORK)


def without(option: str, fork: Fork) -> None:
    """Switches an option off wherever it is on."""
    with_it = [name for name in fork.environments if f"\n{option}:" in fork.read(fork.environment(name))]
    if not with_it:
        raise ChangeError(f"no environment has {option}")
    for name in with_it:
        fork.set(fork.environment(name), option, "")


def known_to_workflows(fork: Fork, edit: Callable[[dict[str, str]], None]) -> None:
    """Changes the jobs of environments, by name in their order; each deployment waits for the one before."""
    for path in WORKFLOWS:
        jobs = re.split(r"(?m)^(?=  [\w-]+:\n    name: (?:Deploy|Look at))", fork.read(path))
        begin, named = jobs[0], {job.partition(":")[0].strip(): job.strip("\n") for job in jobs[1:]}
        edit(named)
        before = "assembly"
        for name, job in named.items():
            begin += re.sub(r"(?m)^    needs: .+$", f"    needs: {before}", job) + "\n\n"
            before = name if path.endswith("deploy.yml") else before
        fork.write(path, begin.rstrip("\n") + "\n")


def environment_added(fork: Fork) -> None:
    fork.write(fork.environment("staging"), fork.read(fork.environment("prod")))
    fork.set(fork.environment("staging"), "account", 'account: "333333333333"\n')
    fork.replace(fork.environment("staging"), "cidr: 10.1.0.0/16", "cidr: 10.2.0.0/16")
    known_to_workflows(fork, lambda jobs: jobs.update(staging=re.sub(r"\bprod\b", "staging", jobs["prod"])))


def environment_renamed(old: str, new: str, fork: Fork) -> None:
    fork.write(fork.environment(new), fork.read(fork.environment(old)))
    fork.remove(fork.environment(old))
    known_to_workflows(fork, lambda jobs: jobs.update({new: re.sub(rf"\b{old}\b", new, jobs.pop(old))}))


def environment_removed(name: str, fork: Fork) -> None:
    """Use cases that only it has go with it."""
    fork.remove(fork.environment(name))
    known_to_workflows(fork, lambda jobs: jobs.__delitem__(name))
    left = "".join(fork.read(fork.environment(other)) for other in fork.environments)
    for path in sorted((fork.root / "config" / "use_cases").glob("*.yaml")):
        if f"\n  {path.stem}:" not in left:
            path.unlink()


def use_case_added(fork: Fork) -> None:
    fork.write("config/use_cases/customers.yaml", fork.read("config/use_cases/churn.yaml"))
    for name in fork.environments:
        fork.replace(
            fork.environment(name), "use_cases:\n", "use_cases:\n  customers: {model: latest-approved}\n"
        )


def house_prices_removed(fork: Fork) -> None:
    """Another use case takes their place."""
    for name in ("house-prices", "churn"):
        fork.remove(f"config/use_cases/{name}.yaml")
    for name in fork.environments:
        fork.set(fork.environment(name), "use_cases", USE_CASES)


def initialised(fork: Fork) -> None:
    """By `make init`: another region, other names, and one use case of three."""
    organisation = "acme"
    told = (
        *(f"ORG={organisation}", f"EMAIL=ml@{organisation}.example", f"REPOSITORY={organisation}-inc/models"),
        "REGION=eu-central-1",
        *("ACCOUNTS=play=444455556666 live=555566667777", "USE_CASES=churn"),
    )
    subprocess.run([sys.executable, "-m", "tools.fork.init", *told], cwd=fork.root, check=True)


CHANGES: dict[str, Callable[[Fork], None]] = {
    "other-accounts-and-region": other_accounts_and_region,
    "pinned-version": pinned_version,
    "one-more-alarm": one_more_alarm,
    "one-more-step": one_more_step,
    "model-monitor": partial(monitored_by, "model-monitor"),
    "unmonitored": partial(monitored_by, "none"),
    "existing-vpc": existing_vpc,
    **{f"{option}-off": partial(without, option) for option in ("studio", "catalog", "delivery", "budget")},
    "environment-added": environment_added,
    "dev-renamed": partial(environment_renamed, "dev", "playground"),
    "prod-renamed": partial(environment_renamed, "prod", "live"),
    "dev-removed": partial(environment_removed, "dev"),
    "prod-removed": partial(environment_removed, "prod"),
    "use-case-added": use_case_added,
    "house-prices-removed": house_prices_removed,
    "initialised": initialised,
}
"""By name."""
