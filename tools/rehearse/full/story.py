"""The full story: the chapters of the short one, again and again while the market changes."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tools.local_aws.process import LocalAws
from tools.rehearse import acts
from tools.rehearse.case import Case
from tools.rehearse.cdk_cli import CdkCli
from tools.rehearse.choice import Choice, Wanted
from tools.rehearse.errors import RehearsalError
from tools.rehearse.full import changes, sales
from tools.rehearse.full.clients import Asked, Clients
from tools.rehearse.full.looking import Inbox, execution_steps, fleet_of, latency_limit_ms, watching
from tools.rehearse.full.page import write_page
from tools.rehearse.full.record import Mail, Record, Recorder, Rollout, Version, Window
from tools.rehearse.full.sales import Period
from tools.rehearse.people import Person, stack_outputs
from tools.rehearse.samples import Row
from tools.rehearse.story import REPOSITORY, Rehearsal
from tools.rehearse.waiting import seconds_to_wait_for_room

PAGE = "story.html"
FIRST_MONTHS, MONTHS_AFTER = Period(2008, 1, 6), Period(2008, 7, 12)
UNDER_THE_BETTER, OTHER_UNIT = Period(2009, 1, 6), Period(2009, 7, 12)
UNDER_THE_BAD = Period(2010, 1, 7)
FIRST_THRESHOLD = "0.65"
_ONE_CLIENT_IN = 2
_REQUESTS_A_SECOND = 20
_DAY_SECONDS = 60
"""More than the traffic of a day takes, with a rollout."""
_FRESH_SECONDS = 1.0
"""Clients ask for so long before and after a rollout."""


class FullRehearsal(Rehearsal):
    """Years of sales pass, a day of the embedded AWS for some months."""

    def __init__(self, wanted: Wanted, *, folder: Path, narrator: Recorder) -> None:
        if wanted.every_use_case or wanted.use_case not in ("", sales.USE_CASE):
            raise RehearsalError(f"the full story is that of {sales.USE_CASE}; leave USE_CASE and ALL out")
        super().__init__(wanted, folder=folder, narrator=narrator)
        self.recorder = narrator
        self._runs = 0

    def _prepare(self) -> None:
        self._source = self.folder / "repository"
        environment = changes.prepare(REPOSITORY, self._source, self.wanted.environment)
        self.wanted = Wanted(environment, sales.USE_CASE)
        self.cdk = CdkCli(self._source, self.folder)
        self.tell.say(
            f"A copy: in {environment} two instances, no off hours, {changes.BAKE_MINUTES} minutes to bake"
        )

    def _cases(self, choice: Choice) -> list[Case]:
        """What was sold until 2007 is delivered first."""
        first = replace(choice.sample, value="", at_least=sales.FIRST_YEAR_LATER)
        return super()._cases(replace(choice, sample=first))

    def _live(self, aws: LocalAws) -> None:
        began = datetime.now(UTC) - timedelta(seconds=self.tell.elapsed_seconds)
        self._deploy(aws)
        people = self._sign_in(aws)
        self.inbox = Inbox(aws, self.outputs["AlertTopicArn"])
        self._deliver(people)
        self.tell.say(f"Two years are few sales: the data scientist asks for {FIRST_THRESHOLD} only")
        self._train(people["data scientist"], MetricThreshold=FIRST_THRESHOLD)
        self._begin(people, began)
        self._first_version(aws, people)
        self._market_changes(aws, people)
        self._better_version(aws, people)
        self._silent_failure(aws, people)
        self._bad_version(aws, people)
        self._look_at_experiments(aws, people["data scientist"])
        self._look_at_dashboards(people["MLOps engineer"])
        self._end()

    def _begin(self, people: dict[str, Person], began: datetime) -> None:
        """From here on there is something to record."""
        (self.case,) = self.cases
        names = {
            persona: person.client("sts").get_caller_identity()["Arn"].rsplit("/", 1)[-1]
            for persona, person in people.items()
        }
        self.clients = Clients(people["MLOps engineer"], self.case, self.tell)
        self.record = Record(self.case.name, began, self.case.criterion, names, self.recorder.moments)
        self._register(people["data scientist"])

    def _register(self, scientist: Person) -> None:
        """What the newest execution has registered."""
        case = self.case
        metadata = scientist.client("sagemaker").describe_model_package(ModelPackageName=case.package)
        self.record.versions.append(
            Version(
                case.package.rsplit("/", 1)[-1],
                case.delivery.rsplit("/", 1)[-1],
                case.results.evaluation.metrics,
                execution_steps(scientist, case.name, case.execution),
                metadata["CustomerMetadataProperties"].get("BesideLive", ""),
            )
        )

    def _first_version(self, aws: LocalAws, people: dict[str, Person]) -> None:
        self._approve(aws, people["MLOps engineer"])
        self.record.versions[0].fate = "took over from nothing"
        self._is_watched(aws, self.case)
        alarm = acts.drift_alarm(people["MLOps engineer"], self.case.name)
        self.record.drift_limit = alarm["Threshold"]
        self.record.latency_limit_ms = latency_limit_ms(people["MLOps engineer"], self.case.name)
        self._next_day(aws)
        quiet = self.case.sample.kept_back_rows()
        asked = self._ask_all("of 2006 and 2007, which were kept back", quiet)
        window = self._look(aws, people, "2006 and 2007, kept back", datetime(2007, 7, 1, tzinfo=UTC), asked)
        if window.named:
            raise RehearsalError(f"rows like the delivery are said to differ: {', '.join(window.named)}")

    def _market_changes(self, aws: LocalAws, people: dict[str, Person]) -> None:
        """The alarm has the model trained anew, with what was sold until then."""
        asked = self._ask_period(aws, FIRST_MONTHS)
        self._deliver_until(people["data engineer"], FIRST_MONTHS)
        window = self._look(aws, people, str(FIRST_MONTHS), FIRST_MONTHS.middle, asked)
        if sales.YEAR not in window.named:
            raise RehearsalError(f"the monitor does not name {sales.YEAR} in sales of another year")
        asked = self._ask_period(aws, MONTHS_AFTER)
        self._look(aws, people, str(MONTHS_AFTER), MONTHS_AFTER.middle, asked)

    def _better_version(self, aws: LocalAws, people: dict[str, Person]) -> None:
        scientist, case = people["data scientist"], self.case
        case.delivery = case.next_delivery
        self._await_retraining(aws, scientist)
        assert case.results.retrained
        case.results.evaluation = case.results.retrained.evaluation
        case.execution = acts.pipeline_runs(scientist, case.name)[0]
        case.package = acts.pending_package(scientist, case.name)
        self._register(scientist)
        self._next_day(aws)
        rollout = self._roll_out(
            people, UNDER_THE_BETTER, lambda: self._approve(aws, people["MLOps engineer"])
        )
        if rollout.reason:
            raise RehearsalError(f"version {rollout.version} was taken back: {rollout.reason}")
        first, better = self.record.versions
        first.fate = f"had to reach {FIRST_THRESHOLD} only; served until version {better.number} took over"
        better.fate = "has taken over by canary, and serves"
        self._look(aws, people, str(UNDER_THE_BETTER), UNDER_THE_BETTER.middle, rollout.asked)

    def _silent_failure(self, aws: LocalAws, people: dict[str, Person]) -> None:
        """Nothing fails: a price comes for a house of any size."""
        before = {*self.record.windows[-1].named}
        told = f"of {OTHER_UNIT}; one client in {_ONE_CLIENT_IN} sends square metres"
        rows = self._live_rows(OTHER_UNIT)
        sent = [
            row if place % _ONE_CLIENT_IN else sales.in_square_metres(row) for place, row in enumerate(rows)
        ]
        self._next_day(aws)
        asked = self._ask_all(told, sent)
        window = self._look(
            aws, people, f"{OTHER_UNIT}, one client in {_ONE_CLIENT_IN} sends m²", OTHER_UNIT.middle, asked
        )
        new = [name for name in window.named if name in sales.AREAS and name not in before]
        if "Gr_Liv_Area" not in new:
            raise RehearsalError("the monitor does not name areas in square metres")
        self.tell.say(f"One run has found it, and names {', '.join(new)}")

    def _bad_version(self, aws: LocalAws, people: dict[str, Person]) -> None:
        scientist, engineer = people["data scientist"], people["MLOps engineer"]
        self._deliver_until(people["data engineer"], OTHER_UNIT)
        self._deploy_mortgage_rates(aws)
        self.case.delivery = self.case.next_delivery
        self._train(scientist)
        self._register(scientist)
        self._next_day(aws)
        rollout = self._roll_out(people, UNDER_THE_BAD, lambda: self._approve_by_mistake(aws, engineer))
        bad = self.record.versions[-1]
        if not rollout.reason:
            raise RehearsalError(f"version {bad.number} is too slow, and was not taken back")
        bad.fate = "was taken back by its alarm, then rejected"
        with self.tell.step(f"The MLOps engineer rejects version {bad.number}"):
            acts.decide(engineer, self.case.package, "Rejected")
        self._look(aws, people, str(UNDER_THE_BAD), UNDER_THE_BAD.middle, rollout.asked)

    def _deploy_mortgage_rates(self, aws: LocalAws) -> None:
        with self.tell.step("The data scientist adds what a mortgage costs, and the pipeline is deployed"):
            changes.add_mortgage_rates(self._source)
            changed = self.folder / "cdk.out-mortgage-rates"
            self.cdk.run("synth", "--quiet", "--output", str(changed), environment=aws.environment())
            stack = f"{self.environment}/{sales.USE_CASE}-training"
            app = ("--app", str(changed / self.assembly.folder.name))
            approved = ("--exclusively", "--require-approval", "never")
            self.cdk.run("deploy", stack, *app, *approved, environment=aws.environment())

    def _approve_by_mistake(self, aws: LocalAws, engineer: Person) -> None:
        machine = self._release(aws)
        earlier = acts.executions_of(aws.client, machine)
        number = self.record.versions[-1].number
        with self.tell.step(f"The MLOps engineer approves version {number}: its evaluation looks as good"):
            acts.decide(engineer, self.case.package, "Approved")
            ended = acts.wait_for_ends(aws.client, engineer, machine, earlier, 1)
            self.tell.detail(f"the release {', '.join(ended.values())}")

    def _roll_out(self, people: dict[str, Person], period: Period, approve: Callable[[], None]) -> Rollout:
        """Clients ask all the while, some seconds longer than the release takes."""
        engineer, name = people["MLOps engineer"], self.case.name
        mails = len(self._mails())
        self.tell.say(f"Requests: {_REQUESTS_A_SECOND} a second, of {period}, whatever comes")
        rows = self._live_rows(period)
        with (
            watching(engineer, name) as watched,
            self.clients.asking(rows, _REQUESTS_A_SECOND) as asked,
        ):
            time.sleep(_FRESH_SECONDS)
            approve()
            time.sleep(_FRESH_SECONDS)
        described = engineer.client("sagemaker").describe_endpoint(EndpointName=name)
        self.record.asked += asked
        version = self.record.versions[-1].number
        versions = (self.record.windows[-1].version, version)
        fleets = [
            fleet_of(engineer, name, configuration, number)
            for configuration, number in zip(watched.configurations, versions, strict=True)
        ]
        reason, told = described.get("FailureReason", ""), self._mails()[mails:]
        rollout = Rollout(version, asked, fleets, watched.statuses, reason, told)
        self.record.rollouts.append(rollout)
        self.tell.say(f"{len(asked)} requests, {rollout.failed} failed. {rollout.reason}")
        if rollout.failed:
            why = next(each.error for each in asked if each.error)
            raise RehearsalError(f"{rollout.failed} of {len(asked)} requests failed: {why}")
        return rollout

    def _mails(self) -> list[Mail]:
        self.record.mails += self.inbox.read(self.record.began)
        return self.record.mails

    def _live_rows(self, period: Period) -> list[Row]:
        return period.of(self.case.sample.later_rows)

    def _ask_period(self, aws: LocalAws, period: Period) -> list[Asked]:
        self._next_day(aws)
        return self._ask_all(f"of {period}", self._live_rows(period))

    def _ask_all(self, told: str, rows: Sequence[Row]) -> list[Asked]:
        with self.tell.step(f"{len(rows)} requests {told}"):
            asked = self.clients.ask_all(rows)
        self.record.asked += asked
        return asked

    def _next_day(self, aws: LocalAws) -> None:
        """A window of the monitors is of one day and hour."""
        if wait := seconds_to_wait_for_room(time.time(), _DAY_SECONDS):
            with self.tell.step("The next hour begins, so that all traffic is of one"):
                time.sleep(wait)
        self.moment = datetime.fromisoformat(aws.control("pass-days", days=1)["now"])

    def _deliver_until(self, engineer: Person, period: Period) -> None:
        case = self.case
        rows = sales.until(case.sample.later_rows, period.end)
        name = f"{case.sample.path.stem}_{period.end:%Y_%m}.csv"
        with self.tell.step(f"The data engineer delivers {name}, with {len(rows)} sales since 2008"):
            case.next_delivery = acts.deliver_what_came_later(
                engineer, self.outputs["DataBucketName"], case.sample, rows, name
            )

    def _look(
        self, aws: LocalAws, people: dict[str, Person], told: str, month: datetime, asked: Sequence[Asked]
    ) -> Window:
        """Prices become known; the monitors compare requests with the baseline, and answers with prices."""
        case, engineer = self.case, people["MLOps engineer"]
        assert case.monitor
        assert case.quality
        happened = {each.id: [str(each.actual)] for each in asked if each.answer is not None}
        acts.tell_what_happened(
            people["data engineer"], self.outputs["DataBucketName"], sales.USE_CASE, self.moment, happened
        )
        with self.tell.step(f"The monitor looks at {told}"), ThreadPoolExecutor(1) as pool:
            acts.strike_hour(aws, [case.monitor.schedule])
            measured = pool.submit(acts.measure_quality, engineer, case.quality, self.moment)
            report = case.monitor.wait_for_report(engineer, self._runs)
            live = measured.result()
            self._runs += 1
            violations = case.monitor.violations(engineer, report)
            metrics = case.monitor.read(engineer, report, "metrics")["MetricData"]
            named = list(dict.fromkeys(each["feature_name"] for each in violations))
            found = {each["MetricName"]: each["Value"] for each in metrics}
            metric, prefix = case.criterion.metric, "feature_baseline_drift_"
            self.tell.detail(f"named: {', '.join(named) or 'nothing'}; {metric} {live.metrics[metric]:.3f}")
        window = Window(
            told,
            month,
            stack_outputs(aws, f"{case.name}-serving")["DeployedModelVersion"],
            len(asked),
            {name.removeprefix(prefix): value for name, value in found.items() if name.startswith(prefix)},
            named,
            live.metrics[metric],
            live.metrics[f"{metric}_at_best"],
        )
        self.record.windows.append(window)
        return window

    def _end(self) -> None:
        record = self.record
        self._mails()
        record.seconds = self.tell.elapsed_seconds
        page = self.folder / PAGE
        write_page(record, page)
        lines = [f"version {each.number} {each.fate}" for each in record.versions]
        failed = f"{record.failed} of {len(record.asked)} requests failed"
        self.tell.block(f"{record.name} after {record.seconds:.0f} s", [*lines, failed, f"Report: {page}"])
