"""The story of use cases in one environment, from an empty account to a drift alarm."""

import json
import os
import shlex
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from tools.bootstrap import cdk_bootstrap, managed_policies
from tools.local_aws.process import LocalAws, require_free_port
from tools.rehearse import acts
from tools.rehearse.assembly import Assembly, read_assemblies
from tools.rehearse.case import Case
from tools.rehearse.cdk_cli import CdkCli
from tools.rehearse.choice import Choice, Wanted, choose
from tools.rehearse.copies import copy_that_deploys_what_is_approved
from tools.rehearse.dashboard import draw
from tools.rehearse.errors import RehearsalError
from tools.rehearse.experiments import find_app, read_run
from tools.rehearse.folders import empty, only_here
from tools.rehearse.narrator import Narrator
from tools.rehearse.nights import live_two_nights
from tools.rehearse.observations import FILE, Place, observe
from tools.rehearse.people import PERSONAS, Person, sign_in, stack_outputs
from tools.rehearse.pipeline import follow_pipeline, read_criterion, start_pipeline
from tools.rehearse.samples import Row
from tools.rehearse.served import Served
from tools.rehearse.summary import summary_lines
from tools.rehearse.trials import draw_trials
from tools.rehearse.undelivered import Deliveries, decide_in_vain
from tools.rehearse.waiting import seconds_to_wait_for_room

REPOSITORY = Path(__file__).resolve().parents[2]
ROWS_SHOWN = 3
TRAFFIC_SECONDS = 90
"""More than the traffic takes, on a busy machine too."""


class Rehearsal:
    """Deploys one environment to an embedded AWS and lives a model's life in it."""

    def __init__(self, wanted: Wanted, *, folder: Path, narrator: Narrator) -> None:
        self.wanted = wanted
        self.folder = folder
        self.tell = narrator
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
        self._prepare()
        with self.tell.step("Synthesize all environments"):
            choice = choose(self._synthesize(self.cdk), self.wanted)
        if not choice.suits_an_empty_account:
            choice = self._with_approvals(choice)
        self.assembly, self.sample, self.name = choice.assembly, choice.sample, choice.name
        self.cases = self._cases(choice)
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
            acts.prepare_account(aws, self.assembly.existing_network, self.assembly.slack_workspaces)
            self._live(aws)
            yield aws
        finally:
            aws.stop()

    def _prepare(self) -> None:
        """What a story needs otherwise than committed; this one nothing."""

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
        self._deliver(people)
        self._train(people["data scientist"])
        self._decide_in_vain(aws, people)
        self._approve(aws, people["MLOps engineer"])
        for case in self.cases:
            self._predict(people["MLOps engineer"], case)
        self._drift(aws, people)
        for case in self.cases:
            self._compare_batches(aws, people, case)
        self._measure_live_quality(people)
        self._await_retraining(aws, people["data scientist"])
        self._look_at_experiments(aws, people["data scientist"])
        self._look_at_dashboards(people["MLOps engineer"])
        self._write_down(aws)
        for case in self.cases:
            lines = summary_lines(str(case.served), case.sample, case.criterion, case.results, case.folder)
            self.tell.block(f"{case.name} after {self.tell.elapsed_seconds:.0f} s", lines)

    def _write_down(self, aws: LocalAws) -> None:
        """What can be seen now, and what was called."""
        place = Place(aws, self.assembly.prefix, self.sample.use_case, self.outputs)
        observed = json.dumps(observe(place), indent=2)
        (self.folder / FILE).write_text(f"{observed}\n", "utf-8")
        called = json.dumps(aws.control("operations"), indent=2)
        (self.folder / "operations.json").write_text(f"{called}\n", "utf-8")

    def _cases(self, choice: Choice) -> list[Case]:
        if not self.wanted.every_use_case:
            return [Case(choice, self.folder)]
        return [Case(each, self.folder / each.sample.use_case) for each in choice.all_of_its_environment]

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
        return choose(assemblies, Wanted(environment, choice.sample.use_case))

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
        stacks = assembly.stacks_for([case.sample.use_case for case in self.cases])
        with self.tell.step(f"Deploy {len(stacks)} stacks: {', '.join(stacks)}"):
            approved = ("--require-approval", "never", "--import-existing-resources")
            self.cdk.run("deploy", *stacks.values(), *app, *approved, environment=environment)
        if assembly.own_image:
            with self.tell.step(
                f"Build {assembly.own_image.uri}; here its jobs run in this Python, without Docker"
            ):
                assembly.own_image.build(aws.client("codebuild"), poll_seconds=0.1)
        serving = stack_outputs(aws, f"{self.name}-serving")
        self.tell.say(
            f"There is no model yet: {self.name}-serving says EndpointName {serving['EndpointName']}"
        )

    def _sign_in(self, aws: LocalAws) -> dict[str, Person]:
        self.outputs = stack_outputs(aws, f"{self.assembly.prefix}-foundation")
        return {persona: sign_in(aws, persona, self.outputs[output]) for persona, output in PERSONAS.items()}

    def _deliver(self, people: dict[str, Person]) -> None:
        bucket = self.outputs["DataBucketName"]
        files = ", ".join(case.sample.file_name for case in self.cases)
        with self.tell.step(f"The data engineer delivers {files}"):
            for case in self.cases:
                case.delivery = acts.deliver_data(
                    people["data engineer"], bucket, case.sample, case.sample.file_name
                )
        key = self.cases[0].delivery.split("/", 3)[3]
        self._refused(
            people["data engineer"],
            "start the pipeline",
            lambda person: person.client("sagemaker").start_pipeline_execution(PipelineName=self.name),
        )
        self._refused(
            people["MLOps engineer"],
            "read the raw delivery",
            lambda person: person.client("s3").get_object(Bucket=bucket, Key=key),
        )

    def _train(self, scientist: Person, **parameters: str) -> None:
        """All at the same time: a laptop has more than one core."""
        names = ", ".join(case.name for case in self.cases)
        with self.tell.step(f"The data scientist runs the pipeline {names}"):
            executions = [
                start_pipeline(scientist, case.name, {"InputData": case.delivery, **parameters})
                for case in self.cases
            ]
            for case, execution in zip(self.cases, executions, strict=True):
                follow_pipeline(scientist, case.name, execution, self.tell.detail)
        for case, execution in zip(self.cases, executions, strict=True):
            self._read_results(scientist, case, execution)

    def _read_results(self, scientist: Person, case: Case, execution: str) -> None:
        case.execution = execution
        case.criterion = criterion = read_criterion(scientist, case.name)
        draw_trials(scientist, execution, case.folder)
        place = f"{case.sample.use_case}/{execution.split('/')[-1]}"
        reports = f"executions/{place}/evaluation"
        case.results.evaluation = acts.read_evaluation(
            scientist, self.outputs["ArtifactsBucketName"], reports, criterion, case.folder
        )
        case.held_out = acts.read_held_out(
            scientist, self.outputs["DataBucketName"], f"processed/{place}/test"
        )
        value = case.results.evaluation.metrics[criterion.metric]
        wanted = f"{criterion.comparison} {criterion.threshold:g}"
        self.tell.say(f"{criterion.metric} is {value:.3f}; the criterion is {wanted}")
        case.package = acts.pending_package(scientist, case.name)

    def _decide_in_vain(self, aws: LocalAws, people: dict[str, Person]) -> None:
        case = self.cases[0]
        version = case.package.split("/")[-1]
        self._refused(
            people["data scientist"],
            f"approve version {version}",
            lambda person: acts.decide(person, case.package, "Approved"),
        )
        engineer = people["MLOps engineer"]
        deliveries = Deliveries.of(aws.client, case.name, self._release(aws))
        with self.tell.step(
            f"The MLOps engineer rejects version {version} while nothing starts a release: an alarm says so"
        ):
            reject = partial(acts.decide, engineer, case.package, "Rejected")
            self.tell.detail(decide_in_vain(aws.client, engineer, deliveries, reject))

    def _approve(self, aws: LocalAws, engineer: Person) -> None:
        machine = self._release(aws)
        earlier = acts.executions_of(aws.client, machine)
        names = ", ".join(case.name for case in self.cases)
        with self.tell.step(f"The MLOps engineer approves it; the release deploys endpoint {names}"):
            for case in self.cases:
                acts.decide(engineer, case.package, "Approved")
            deployed = [case.name for case in self.cases]
            acts.wait_for_release(aws, engineer, deployed, machine, earlier)
        for case in self.cases:
            case.served = Served.of(aws, case.name)

    def _release(self, aws: LocalAws) -> str:
        return stack_outputs(aws, f"{self.assembly.prefix}-release")["ReleaseStateMachineArn"]

    def _refused(self, person: Person, what: str, call: Callable[[Person], object]) -> None:
        with self.tell.step(f"The {person.persona} tries to {what} and is refused"):
            refusal = acts.expect_refusal(f"the {person.persona}", what, lambda: call(person))
            self.tell.detail(refusal)

    def _predict(self, engineer: Person, case: Case) -> None:
        held_out = case.held_out
        with self.tell.step(f"The endpoint answers for {ROWS_SHOWN} rows that training has not seen"):
            for row in held_out.rows[:ROWS_SHOWN]:
                prediction = acts.predict(engineer, case.served, held_out.features, row)
                case.results.predictions.append((prediction, row[case.sample.target]))

    def _drift(self, aws: LocalAws, people: dict[str, Person]) -> None:
        engineer = people["MLOps engineer"]
        watched = [case for case in self.cases if self._is_watched(aws, case)]
        if not watched:
            return
        if wait := seconds_to_wait_for_room(time.time(), TRAFFIC_SECONDS * len(watched)):
            with self.tell.step("The next hour begins, so that all traffic is of one"):
                time.sleep(wait)
        self.asked_at = datetime.now(UTC)
        quiet = {case.name: case.sample.kept_back_rows() for case in watched}
        self._ask(engineer, quiet, "rows like the delivery, which were kept back")
        for name, violations in self._strike(aws, engineer, watched, runs_before=0).items():
            if violations:
                raise RehearsalError(f"{name}: rows like the delivery are said to differ: {violations}")
        self._deliver_what_came_later(people["data engineer"], watched)
        later = {case.name: case.sample.drifted_rows() for case in watched}
        self._ask(engineer, later, "rows that came later: " + ", ".join(c.sample.later for c in watched))
        found = self._strike(aws, engineer, watched, runs_before=1)
        for case in watched:
            case.results.quiet_rows = len(quiet[case.name])
            case.results.violations = found[case.name]
            case.results.alarm_state = acts.drift_alarm(engineer, case.name)["StateValue"]
            if not case.results.violations:
                raise RehearsalError(f"{case.name}: no violation in traffic that differs from the delivery")

    def _compare_batches(self, aws: LocalAws, people: dict[str, Person], case: Case) -> None:
        folder = stack_outputs(aws, f"{case.name}-serving").get("BatchInputFolder")
        if folder is not None:
            buckets = self.outputs["CaptureBucketName"], self.outputs["ArtifactsBucketName"]
            case.results.batches = live_two_nights(people, case, folder, buckets, self.tell)

    def _deliver_what_came_later(self, engineer: Person, watched: list[Case]) -> None:
        """Where an alarm has a model trained anew, there is something new to train with."""
        bucket = self.outputs["DataBucketName"]
        for case in (case for case in watched if case.retraining):
            later = f"{case.sample.next_file_name}, with {case.sample.later}"
            with self.tell.step(f"The data engineer delivers {later}"):
                case.next_delivery = acts.deliver_what_came_later(
                    engineer, bucket, case.sample, case.sample.later_rows, case.sample.next_file_name
                )

    def _await_retraining(self, aws: LocalAws, scientist: Person) -> None:
        for case in (case for case in self.cases if case.retraining):
            with self.tell.step("The drift alarm has started the pipeline with the newest delivery"):
                machine = case.retraining
                execution = acts.wait_for_retraining(aws.client, machine, scientist, case.name)
                follow_pipeline(scientist, case.name, execution, self.tell.detail)
            reports = f"executions/{case.sample.use_case}/{execution.split('/')[-1]}/evaluation"
            evaluation = acts.read_evaluation(
                scientist,
                self.outputs["ArtifactsBucketName"],
                reports,
                case.criterion,
                case.folder / "retrained",
            )
            version = acts.pending_package(scientist, case.name).split("/")[-1]
            case.results.retrained = acts.Retrained(version, case.next_delivery, evaluation)

    def _is_watched(self, aws: LocalAws, case: Case) -> bool:
        outputs = stack_outputs(aws, f"{case.name}-monitoring")
        engine, schedule = outputs["MonitoringEngine"], outputs["MonitoringScheduleName"]
        if schedule == "none":
            why = "has monitoring.engine none" if engine == "none" else "captures no requests"
            self.tell.say(f"Nobody watches {case.name}: its configuration {why}")
            return False
        artifacts, of_quality = self.outputs["ArtifactsBucketName"], outputs["QualityScheduleName"]
        case.monitor = acts.Monitor(engine, schedule, artifacts)
        if of_quality != "none":
            case.quality = acts.Monitor(engine, of_quality, artifacts)
        case.retraining = outputs.get("RetrainingStateMachineArn", "")
        return True

    def _ask(self, engineer: Person, traffic: dict[str, list[Row]], which: str) -> None:
        count = sum(len(rows) for rows in traffic.values())
        with self.tell.step(f"Live traffic: {count} requests, {which}"):
            for case in self.cases:
                for row in traffic.get(case.name, ()):
                    inference_id = f"{case.name}-{len(case.happened)}"
                    acts.predict(engineer, case.served, case.held_out.features, row, inference_id)
                    case.happened[inference_id] = [row[case.sample.target]]

    def _measure_live_quality(self, people: dict[str, Person]) -> None:
        """What happened to the requests becomes known; on AWS the monitor waits some days for it."""
        bucket = self.outputs["DataBucketName"]
        for case in (case for case in self.cases if case.quality):
            assert case.quality is not None
            count = len(case.happened)
            with self.tell.step(f"The data engineer tells what really happened to {count} requests"):
                acts.tell_what_happened(
                    people["data engineer"], bucket, case.sample.use_case, self.asked_at, case.happened
                )
            with self.tell.step("Days later: the monitor compares the answers with it"):
                live = acts.measure_quality(people["MLOps engineer"], case.quality, self.asked_at)
            if live.rows != count:
                raise RehearsalError(f"{case.name}: {live.rows} of {count} labels found their request")
            case.results.live = live

    def _look_at_experiments(self, aws: LocalAws, scientist: Person) -> None:
        app = find_app(scientist, self.assembly.prefix)
        if app is None:
            return
        with self.tell.step("The data scientist looks at the runs of the executions in MLflow"):
            for case in self.cases:
                case.results.tracked = read_run(scientist, aws.endpoint_url, app, case.execution)

    def _look_at_dashboards(self, engineer: Person) -> None:
        with self.tell.step("The MLOps engineer looks at the dashboard"):
            for case in self.cases:
                draw(engineer, case.name, case.dashboard)

    def _strike(
        self, aws: LocalAws, engineer: Person, watched: list[Case], *, runs_before: int
    ) -> dict[str, list[dict[str, str]]]:
        """By endpoint, the violations that its monitor finds when the hour strikes."""
        with self.tell.step("The hour strikes: the monitor compares captured requests with the baseline"):
            started = acts.strike_hour(aws, [case.monitor.schedule for case in watched if case.monitor])
            found = {}
            for case in watched:
                if case.monitor is None or case.monitor.schedule not in started:
                    raise RehearsalError(f"the schedule of {case.name} did not start")
                found[case.name] = case.monitor.wait_for_violations(engineer, runs_before)
            return found
