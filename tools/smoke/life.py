"""What is done in the account: the acts of the rehearsal that work anywhere, one after the other."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from botocore.exceptions import BotoCoreError, ClientError

from tools.rehearse import acts
from tools.rehearse.choice import Choice
from tools.rehearse.errors import RehearsalError
from tools.rehearse.narrator import Narrator
from tools.rehearse.people import PERSONAS, Person, sign_in, stack_outputs
from tools.rehearse.pipeline import run_pipeline
from tools.rehearse.served import Served
from tools.rehearse.story import ROWS_SHOWN
from tools.rehearse.waiting import wait_for
from tools.smoke.account import Account

ALARM_SECONDS = 60


class Life:
    """A delivery, a pipeline execution, a version that is approved, its predictions, its monitor."""

    def __init__(self, account: Account, choice: Choice, narrator: Narrator) -> None:
        self._account, self._choice, self._tell = account, choice, narrator
        self._name, self._sample = choice.name, choice.sample
        prefix = choice.assembly.prefix
        self._machine = stack_outputs(account, f"{prefix}-release")["ReleaseStateMachineArn"]
        self.outputs = stack_outputs(account, f"{prefix}-foundation")

    def live(self) -> dict[str, str]:
        """All acts up to the first that fails; what failed, by what it was."""
        try:
            for title, act in (
                ("People sign in with their roles", self._sign_in),
                (f"The data engineer delivers {self._sample.file_name} under a new name", self._deliver),
                ("People are refused what is not theirs to do", self._try_what_is_refused),
                (f"The data scientist runs the pipeline {self._name}", self._train),
                ("The MLOps engineer approves the version; the release deploys it", self._approve),
                (
                    f"The endpoint answers for rows held out and for those with {self._sample.later}",
                    self._ask,
                ),
                ("The monitor compares captured requests with the baseline", self._watch),
            ):
                with self._tell.step(title):
                    act()
        except (RehearsalError, ClientError, BotoCoreError) as error:
            self._tell.detail(f"failed: {error}")
            return {title: str(error)}
        return {}

    def clean_up(self) -> None:
        """Reject the version again, so that the one before it serves; the only one goes on serving."""
        approved = self._account.client("sagemaker").list_model_packages(
            ModelPackageGroupName=self._name, ModelApprovalStatus="Approved", MaxResults=2
        )
        if len(approved["ModelPackageSummaryList"]) == 1:
            self._tell.say("The version stays: it is the only one that is approved")
            return
        with self._tell.step("The MLOps engineer rejects the version again"):
            earlier = self._releases()
            acts.decide(self._people["MLOps engineer"], self._package, "Rejected")
            self._wait_for_release(earlier)

    def _sign_in(self) -> None:
        self._people: dict[str, Person] = {
            persona: sign_in(self._account, persona, self.outputs[output], self._account.pace)
            for persona, output in PERSONAS.items()
        }

    def _deliver(self) -> None:
        name = f"smoke-{datetime.now(UTC):%Y%m%d-%H%M%S}.csv"
        self._delivery = acts.deliver_data(
            self._people["data engineer"], self.outputs["DataBucketName"], self._sample, name
        )

    def _try_what_is_refused(self) -> None:
        bucket, key = self._delivery.removeprefix("s3://").split("/", 1)
        engineer = self._people["data engineer"].client("sagemaker")
        operator = self._people["MLOps engineer"].client("s3")
        tried: dict[str, Callable[[], object]] = {
            "start the pipeline": partial(engineer.start_pipeline_execution, PipelineName=self._name),
            "read the raw delivery": partial(operator.get_object, Bucket=bucket, Key=key),
        }
        for what, call in tried.items():
            self._tell.detail(acts.expect_refusal("somebody else", what, call))

    def _train(self) -> None:
        scientist = self._people["data scientist"]
        delivery = {"InputData": self._delivery}
        self._execution = run_pipeline(scientist, self._name, delivery, self._tell.detail)
        self._package = acts.pending_package(scientist, self._name)

    def _approve(self) -> None:
        earlier = self._releases()
        acts.decide(self._people["MLOps engineer"], self._package, "Approved")
        self._wait_for_release(earlier)

    def _releases(self) -> list[str]:
        listed = self._account.client("stepfunctions").list_executions(stateMachineArn=self._machine)
        return [execution["executionArn"] for execution in listed["executions"]]

    def _wait_for_release(self, earlier: list[str]) -> None:
        engineer = self._people["MLOps engineer"]
        acts.wait_for_release(self._account, engineer, [self._name], self._machine, earlier)

    def _ask(self) -> None:
        execution = self._execution.split("/")[-1]
        held_out = acts.read_held_out(
            self._people["data scientist"],
            self.outputs["DataBucketName"],
            f"processed/{self._sample.use_case}/{execution}/test",
        )
        served = Served.of(self._account, self._name)
        for row in [*held_out.rows[:ROWS_SHOWN], *self._sample.drifted_rows()]:
            acts.predict(self._people["MLOps engineer"], served, held_out.features, row)

    def _watch(self) -> None:
        """As the schedule would, for this hour; a schedule of Model Monitor cannot be made to start."""
        monitoring = stack_outputs(self._account, f"{self._name}-monitoring")
        if monitoring["MonitoringEngine"] != "own":
            self._tell.detail(f"not now: monitoring.engine is {monitoring['MonitoringEngine']}")
            return
        engineer = self._people["MLOps engineer"]
        acts.start_monitor(engineer, monitoring["MonitoringScheduleName"], datetime.now(UTC))
        monitor = acts.Monitor(
            "own", monitoring["MonitoringScheduleName"], self.outputs["ArtifactsBucketName"]
        )
        if not monitor.wait_for_violations(engineer):
            raise RehearsalError("the monitor found no violation in traffic that differs from the baseline")
        wait_for(
            "the drift alarm",
            lambda: acts.drift_alarm(engineer, self._name)["StateValue"] == "ALARM" or None,
            ALARM_SECONDS,
            engineer.pace,
        )
