"""The story of one use case in one environment, from an empty account to a drift alarm."""

import json
import os
import shlex
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from tools.bootstrap import cdk_bootstrap, managed_policies
from tools.local_aws.process import LocalAws, require_free_port
from tools.rehearse import acts
from tools.rehearse.assembly import Assembly, read_assemblies
from tools.rehearse.cdk_cli import CdkCli
from tools.rehearse.choice import Choice, Wanted, choose, copy_that_deploys_what_is_approved
from tools.rehearse.errors import RehearsalError
from tools.rehearse.folders import empty, only_here
from tools.rehearse.narrator import Narrator
from tools.rehearse.observations import FILE, Place, observe
from tools.rehearse.people import Person, sign_in, stack_outputs
from tools.rehearse.pipeline import read_criterion, run_pipeline
from tools.rehearse.samples import SAMPLES
from tools.rehearse.summary import summary_lines
from tools.rehearse.trials import draw_trials
from tools.rehearse.undelivered import Deliveries, decide_in_vain
from tools.rehearse.waiting import seconds_to_wait_for_room

REPOSITORY = Path(__file__).resolve().parents[2]
ROWS_SHOWN = 3
TRAFFIC_SECONDS = 90
"""More than the traffic takes, on a busy machine too."""
PERSONAS = {
    "data engineer": "DataEngineerRoleArn",
    "data scientist": "DataScientistRoleArn",
    "MLOps engineer": "MlopsEngineerRoleArn",
}


class Rehearsal:
    """Deploys one environment to an embedded AWS and lives a model's life in it."""

    def __init__(self, wanted: Wanted, *, folder: Path, narrator: Narrator) -> None:
        self.wanted = wanted
        self.folder = folder
        self.tell = narrator
        self.results = acts.Results()
        self.cdk = CdkCli(REPOSITORY, folder)
        self._source = REPOSITORY

    @contextmanager
    def run(self, port: int) -> Iterator[LocalAws]:
        """Tell the whole story; the embedded AWS runs until the context is left."""
        require_free_port(port)
        with only_here(self.folder):
            yield from self._run(port)

    def _run(self, port: int) -> Iterator[LocalAws]:
        empty(self.folder)
        with self.tell.step("Synthesize all environments"):
            choice = choose(self._synthesize(self.cdk), SAMPLES, self.wanted)
        if not choice.suits_an_empty_account:
            choice = self._with_approvals(choice)
        self.assembly, self.sample, self.name = choice.assembly, choice.sample, choice.name
        self.environment = self.assembly.environment
        self.is_new_customer = not self.assembly.needs_what_is_closed
        account, region = self.assembly.place
        customer = "a new" if self.is_new_customer else "an old"
        with self.tell.step(
            f"Start the embedded AWS as account {account} in {region}, {customer} customer's"
        ):
            log = self.folder / "local-aws.log"
            aws = LocalAws(
                account=account, region=region, port=port, log_path=log, new_customer=self.is_new_customer
            )
            aws.start()
        try:
            if self.assembly.existing_network:
                acts.add_existing_network(aws, self.assembly.existing_network)
            self._live(aws)
            yield aws
        finally:
            aws.stop()

    def write_shell_environment(self, aws: LocalAws) -> Path:
        """A file to `source`: the CDK CLI, boto3 and the AWS CLI then talk to the embedded AWS."""
        variables = {name: value for name, value in aws.environment().items() if name.startswith("AWS_")}
        # Templates are made when they are asked for, so that an edit shows.
        app = os.environ.get("CDK_APP") or json.loads((REPOSITORY / "cdk.json").read_text("utf-8"))["app"]
        variables |= {"CDK_APP": f"cd {shlex.quote(str(self._source))} && {app}", **self.cdk.own_home}
        paths = f"{REPOSITORY / '.venv' / 'bin'}:{REPOSITORY / 'node_modules' / '.bin'}"
        lines = [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]
        shell = self.folder / "environment.sh"
        # It holds the operator's secret.
        shell.touch(mode=0o600)
        shell.write_text("\n".join([*lines, f'export PATH={shlex.quote(paths)}:"$PATH"', ""]), "utf-8")
        return shell

    def _live(self, aws: LocalAws) -> None:
        self._deploy(aws)
        people = self._sign_in(aws)
        package = self._train(people)
        self._approve(aws, people, package)
        self._predict(people["MLOps engineer"])
        self._drift(aws, people["MLOps engineer"])
        place = Place(aws, self.assembly.prefix, self.sample.use_case, self.outputs)
        observed = json.dumps(observe(place), indent=2)
        (self.folder / FILE).write_text(f"{observed}\n", "utf-8")
        called = json.dumps(aws.control("operations"), indent=2)
        (self.folder / "operations.json").write_text(f"{called}\n", "utf-8")
        lines = summary_lines(self.name, self.sample, self.criterion, self.results, self.folder)
        self.tell.block(f"{self.name} after {self.tell.elapsed_seconds:.0f} s", lines)

    def _synthesize(self, cdk: CdkCli) -> list[Assembly]:
        cdk_out = self.folder / "cdk.out"
        cdk.run("synth", "--quiet", "--output", str(cdk_out), environment=os.environ)
        return read_assemblies(cdk_out)

    def _with_approvals(self, choice: Choice) -> Choice:
        """The same with `model: latest-approved`: a pinned version is missing, and `none` answers nobody."""
        environment, copy = choice.assembly.environment, self.folder / "latest-approved"
        with self.tell.step(
            f"An empty account has no version for {environment}: all its models become latest-approved"
        ):
            copy_that_deploys_what_is_approved(REPOSITORY, copy, environment)
            self._source = copy
            assemblies = self._synthesize(CdkCli(copy, self.folder))
        return choose(assemblies, SAMPLES, Wanted(environment, choice.sample.use_case))

    def _deploy(self, aws: LocalAws) -> None:
        environment, assembly = aws.environment(), self.assembly
        app = ("--app", str(assembly.folder))
        with self.tell.step("Bootstrap the account: the boundary of all roles, and the CDK's roles, scoped"):
            account, region = assembly.place
            place = managed_policies.Place(assembly.prefix, account, [region], assembly.qualifier)
            policies = managed_policies.put_policies(aws.client("iam"), place)
            scoped = cdk_bootstrap.arguments(place, policies)
            self.cdk.run("bootstrap", *assembly.places, *app, *scoped, environment=environment)
        if assembly.left_out:
            self.tell.say(f"{self.environment} has no {', no '.join(assembly.left_out)}")
        stacks = assembly.templates
        with self.tell.step(f"Deploy {len(stacks)} stacks: {', '.join(stacks)}"):
            approved = ("--require-approval", "never", "--import-existing-resources")
            self.cdk.run("deploy", "--all", *app, *approved, environment=environment)
        serving = stack_outputs(aws, f"{self.name}-serving")
        self.tell.say(
            f"There is no model yet: {self.name}-serving says EndpointName {serving['EndpointName']}"
        )

    def _sign_in(self, aws: LocalAws) -> dict[str, Person]:
        self.outputs = stack_outputs(aws, f"{self.assembly.prefix}-foundation")
        return {persona: sign_in(aws, persona, self.outputs[output]) for persona, output in PERSONAS.items()}

    def _train(self, people: dict[str, Person]) -> str:
        scientist = people["data scientist"]
        with self.tell.step(f"The data engineer delivers {self.sample.file_name}"):
            delivery = acts.deliver_data(
                people["data engineer"],
                self.outputs["DataBucketName"],
                self.sample,
                self.sample.file_name,
            )
        self._refused(
            people["data engineer"],
            "start the pipeline",
            lambda person: person.client("sagemaker").start_pipeline_execution(PipelineName=self.name),
        )
        self._refused(
            people["MLOps engineer"],
            "read the raw delivery",
            lambda person: person.client("s3").get_object(
                Bucket=self.outputs["DataBucketName"], Key=delivery.split("/", 3)[3]
            ),
        )
        self.criterion = read_criterion(scientist, self.name)
        with self.tell.step(f"The data scientist runs the pipeline {self.name}"):
            execution = run_pipeline(scientist, self.name, {"InputData": delivery}, self.tell.detail)
        draw_trials(scientist, execution, self.folder)
        execution_id = execution.split("/")[-1]
        place = f"{self.sample.use_case}/{execution_id}"
        self.results.metrics = acts.read_evaluation(
            scientist,
            self.outputs["ArtifactsBucketName"],
            f"executions/{place}/evaluation",
            self.criterion,
            self.folder,
        )
        self.held_out = acts.read_held_out(
            scientist, self.outputs["DataBucketName"], f"processed/{place}/test"
        )
        value = self.results.metrics[self.criterion.metric]
        self.tell.say(
            f"{self.criterion.metric} is {value:.3f}; the criterion is {self.criterion.comparison} "
            f"{self.criterion.threshold:g}"
        )
        return acts.pending_package(scientist, self.name)

    def _approve(self, aws: LocalAws, people: dict[str, Person], package: str) -> None:
        version = package.split("/")[-1]
        self._refused(
            people["data scientist"],
            f"approve version {version}",
            lambda person: acts.decide(person, package, "Approved"),
        )
        engineer = people["MLOps engineer"]
        machine = stack_outputs(aws, f"{self.assembly.prefix}-release")["ReleaseStateMachineArn"]
        deliveries = Deliveries.of(aws.client, self.name, machine)
        with self.tell.step(
            f"The MLOps engineer rejects version {version} while nothing starts a release: an alarm says so"
        ):
            reject = partial(acts.decide, engineer, package, "Rejected")
            self.tell.detail(decide_in_vain(aws.client, engineer, deliveries, reject))
        with self.tell.step(f"The MLOps engineer approves it; the release deploys endpoint {self.name}"):
            acts.decide(engineer, package, "Approved")
            acts.wait_for_release(aws.client, engineer, self.name, machine)

    def _refused(self, person: Person, what: str, call: Callable[[Person], object]) -> None:
        with self.tell.step(f"The {person.persona} tries to {what} and is refused"):
            refusal = acts.expect_refusal(f"the {person.persona}", what, lambda: call(person))
            self.tell.detail(refusal)

    def _predict(self, engineer: Person) -> None:
        held_out, rows = self.held_out, self.sample.rows
        with self.tell.step(f"The endpoint answers for {ROWS_SHOWN} {rows} that training has not seen"):
            for row in held_out.rows[:ROWS_SHOWN]:
                prediction = acts.predict(engineer, self.name, held_out.features, row)
                self.results.predictions.append((prediction, row[self.sample.target]))

    def _drift(self, aws: LocalAws, engineer: Person) -> None:
        outputs = stack_outputs(aws, f"{self.name}-monitoring")
        engine, schedule = outputs["MonitoringEngine"], outputs["MonitoringScheduleName"]
        if schedule == "none":
            why = "has monitoring.engine none" if engine == "none" else "captures no requests"
            self.tell.say(f"Nobody watches {self.name}: its configuration {why}")
            return
        monitor = acts.Monitor(engine, schedule, self.outputs["ArtifactsBucketName"])
        rows = self.sample.drifted_rows()
        if wait := seconds_to_wait_for_room(time.time(), TRAFFIC_SECONDS):
            with self.tell.step("The next hour begins, so that all traffic is of one"):
                time.sleep(wait)
        with self.tell.step(f"Live traffic: {len(rows)} requests, the {self.sample.drifted}"):
            for row in rows:
                acts.predict(engineer, self.name, self.held_out.features, row)
        with self.tell.step("The hour strikes: the monitor compares captured requests with the baseline"):
            if schedule not in acts.strike_hour(aws):
                raise RehearsalError(f"the schedule {schedule} did not start")
            self.results.violations = monitor.wait_for_violations(engineer)
            self.results.alarm_state = acts.drift_alarm_state(engineer, self.name)
        if not self.results.violations:
            raise RehearsalError("the monitor found no violation in traffic that differs from the baseline")
