"""Tuning jobs: training jobs, several at a time, each with other hyperparameters; the best one is told.

https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning.html; words of refusals:
https://github.com/aws/amazon-sagemaker-examples/issues/2437 and 2440
"""

import logging
import secrets
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import Any, ClassVar

from moto.core.exceptions import ServiceException

from tools.local_aws.sagemaker.account import Account
from tools.local_aws.sagemaker.api import Operation
from tools.local_aws.sagemaker.errors import ResourceInUseError, ValidationError
from tools.local_aws.sagemaker.jobs.log_metrics import values_of, with_definitions
from tools.local_aws.sagemaker.jobs.training import TrainingJobs
from tools.local_aws.sagemaker.listing import page
from tools.local_aws.sagemaker.store import Members, Table, name_of, now
from tools.local_aws.sagemaker.tuning.checks import check_tuning_job, check_warm_start
from tools.local_aws.sagemaker.tuning.search import Earlier, Search, Trial

_LOOK_SECONDS = 0.2
# After so many AWS gives up: https://github.com/aws/amazon-sagemaker-examples/issues/2437
_FAILURES_TO_GIVE_UP = 5
_COUNTED_AS = {
    "Completed": "Completed",
    "Stopped": "Stopped",
    "Failed": "NonRetryableError",
    "InProgress": "InProgress",
    "Stopping": "InProgress",
}

log = logging.getLogger(__name__)


@dataclass
class _Tuning:
    """One tuning job: its record, its trials by the name of their training jobs, its end."""

    record: Members
    search: Search
    trials: dict[str, Members] = field(default_factory=dict)
    ended: threading.Event = field(default_factory=threading.Event)
    stopping: threading.Event = field(default_factory=threading.Event)
    left: Iterator[int] = field(default_factory=lambda: iter(()))
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def objective(self) -> Members:
        objective: Members = self.record["HyperParameterTuningJobConfig"]["HyperParameterTuningJobObjective"]
        return objective

    @property
    def has_failed(self) -> bool:
        """Whether the first trainings all came to nothing."""
        ended = [trial for trial in self.trials.values() if trial["TrainingJobStatus"] != "InProgress"]
        return len(ended) >= _FAILURES_TO_GIVE_UP and not any(map(_objective_of, ended))


class TuningJobs:
    """Creates, follows and stops tuning jobs; their trainings are training jobs like any others."""

    noun: ClassVar[str] = "HyperParameterTuningJob"

    def __init__(self, account: Account, training: TrainingJobs) -> None:
        self.account, self.training = account, training
        self.table = Table(not_found=self._not_found, taken=self._taken)
        self._jobs: dict[str, _Tuning] = {}

    @property
    def operations(self) -> dict[str, Operation]:
        return {
            "CreateHyperParameterTuningJob": self.create,
            "DescribeHyperParameterTuningJob": lambda request: self.table.get(request[f"{self.noun}Name"]),
            "ListHyperParameterTuningJobs": self._list,
            "ListTrainingJobsForHyperParameterTuningJob": self._list_trials,
            "StopHyperParameterTuningJob": self.stop,
        }

    def create(self, request: Members) -> Members:
        if "TrainingJobDefinition" not in request:
            raise ValidationError("The embedded AWS tunes one TrainingJobDefinition.")
        name, config = request["HyperParameterTuningJobName"], request["HyperParameterTuningJobConfig"]
        definition = dict(request["TrainingJobDefinition"])
        definition["AlgorithmSpecification"] = with_definitions(definition["AlgorithmSpecification"])
        check_tuning_job(config, definition)
        arn, created = self.account.arn("hyper-parameter-tuning-job", name), now()
        record = {
            "HyperParameterTuningJobName": name,
            "HyperParameterTuningJobArn": arn,
            "HyperParameterTuningJobConfig": config,
            "TrainingJobDefinition": definition,
            "HyperParameterTuningJobStatus": "InProgress",
            "CreationTime": created,
            "LastModifiedTime": created,
        }
        parents = self._parents(request)
        if parents:
            record["WarmStartConfig"] = request["WarmStartConfig"]
            check_warm_start(config, definition, [parent.record for parent in parents])
        job = _Tuning(record, Search(config, [trial for parent in parents for trial in _earlier(parent)]))
        job.left = iter(range(1, job.search.trials + 1))
        _count(job)
        self.table.add(name, record)
        self.account.tags.register(arn, request.get("Tags"))
        self._jobs[name] = job
        # Trainings are for whom the call is.
        run = copy_context().run
        threading.Thread(target=run, args=(self._run, job), name=name, daemon=True).start()
        return {"HyperParameterTuningJobArn": arn}

    def _parents(self, request: Members) -> list[_Tuning]:
        named = request.get("WarmStartConfig", {}).get("ParentHyperParameterTuningJobs", [])
        found = [self.table.get(parent["HyperParameterTuningJobName"]) for parent in named]
        return [self._jobs[record["HyperParameterTuningJobName"]] for record in found]

    def stop(self, request: Members) -> None:
        job = self._jobs[self.table.get(request[f"{self.noun}Name"])["HyperParameterTuningJobName"]]
        job.stopping.set()
        if not job.ended.is_set():
            job.record["HyperParameterTuningJobStatus"] = "Stopping"

    def wait(self, name_or_arn: str) -> Members:
        """Blocks until the job has ended and returns its record."""
        self._jobs[name_of(name_or_arn)].ended.wait()
        return self.table.get(name_or_arn)

    def _run(self, job: _Tuning) -> None:
        status, reason = "Failed", ""
        try:
            parallel = job.record["HyperParameterTuningJobConfig"]["ResourceLimits"][
                "MaxParallelTrainingJobs"
            ]
            with ThreadPoolExecutor(parallel) as pool:
                for ended in [pool.submit(copy_context().run, self._try, job) for _ in range(parallel)]:
                    ended.result()
            status, reason = self._outcome(job)
        except Exception as error:
            log.exception("Tuning job %s", job.record["HyperParameterTuningJobName"])
            reason = f"InternalServerError: {type(error).__name__}: {error}"
        finally:
            if reason:
                job.record["FailureReason"] = reason
            job.record["LastModifiedTime"] = job.record["HyperParameterTuningEndTime"] = now()
            job.record["HyperParameterTuningJobStatus"] = status
            self.account.emit(
                "SageMaker HyperParameter Tuning Job State Change",
                dict(job.record),
                job.record["HyperParameterTuningJobArn"],
            )
            job.ended.set()

    def _outcome(self, job: _Tuning) -> tuple[str, str]:
        if job.stopping.is_set():
            return "Stopped", ""
        if "BestTrainingJob" in job.record:
            return "Completed", ""
        ended = list(job.trials.values())
        if any(trial["TrainingJobStatus"] == "Completed" for trial in ended):
            metric = job.objective["MetricName"]
            return "Failed", f"No log of {len(ended)} training jobs has the objective metric {metric}."
        return "Failed", (
            f"No training job succeeded after {len(ended)} attempts. "
            "Please take a look at the training job failures to get more details."
        )

    def _try(self, job: _Tuning) -> None:
        """Runs one trial after another until enough have been tried."""
        while not job.stopping.is_set() and not job.has_failed:
            with job.lock:
                number = next(job.left, None)
                if number is None:
                    return
                trial = job.search.ask()
            self._train(job, number, trial)

    def _train(self, job: _Tuning, number: int, trial: Trial) -> None:
        request = _request(job, number, trial)
        name = request["TrainingJobName"]
        with job.lock:
            self.training.create(request)
            record = self.training.table.get(name)
            record["TuningJobArn"] = job.record["HyperParameterTuningJobArn"]
            job.trials[name] = _summary(job, record, trial)
            _count(job)
        self._follow(job, name, trial)
        record = self.training.wait(name)
        objective = _final_objective(job, record)
        is_stopped = record["TrainingJobStatus"] == "Stopped"
        has_ended_well = record["TrainingJobStatus"] == "Completed"
        with job.lock:
            job.trials[name] = _summary(job, record, trial, objective)
            trial.end(objective if has_ended_well else None, stopped=is_stopped)
            _count(job)

    def _follow(self, job: _Tuning, name: str, trial: Trial) -> None:
        """Until a training ends; ends one that promises nothing."""
        definitions = self.training.table.get(name)["AlgorithmSpecification"]["MetricDefinitions"]
        metric = job.objective["MetricName"]
        (pattern,) = [item["Regex"] for item in definitions if item["Name"] == metric]
        while not self.training.has_ended(name, _LOOK_SECONDS):
            values = values_of(pattern, self.training.lines_of(name))
            if job.stopping.is_set() or trial.is_hopeless(values):
                self.training.end(name)

    def _list(self, request: Members) -> Members:
        records = [
            record
            | {
                "Strategy": record["HyperParameterTuningJobConfig"]["Strategy"],
                "ResourceLimits": record["HyperParameterTuningJobConfig"]["ResourceLimits"],
            }
            for record in self.table.values()
        ]
        key, name = "HyperParameterTuningJobSummaries", "HyperParameterTuningJobName"
        return page(records, request, key, name, "HyperParameterTuningJobStatus")

    def _list_trials(self, request: Members) -> Members:
        record = self.table.get(request["HyperParameterTuningJobName"])
        job = self._jobs[record["HyperParameterTuningJobName"]]
        trials = list(job.trials.values())
        answer = page(trials, request, "TrainingJobSummaries", "TrainingJobName", "TrainingJobStatus")
        if request.get("SortBy") == "FinalObjectiveMetricValue":
            answer["TrainingJobSummaries"] = _best_first(job, trials)[: request.get("MaxResults", 100)]
        return answer

    def _not_found(self, name: str) -> ServiceException:
        return ValidationError(f"Amazon SageMaker can't find a tuning job with name {name}.")

    def _taken(self, name: str) -> ServiceException:
        return ResourceInUseError(
            f"A hyperparameter tuning job with the name, {name}, already exists. Choose a different name."
        )


def _request(job: _Tuning, number: int, trial: Trial) -> Members:
    given = dict(job.record["TrainingJobDefinition"])
    fixed = given.pop("StaticHyperParameters", {})
    specification = dict(given["AlgorithmSpecification"])
    # They are the algorithm's, which nobody may name.
    specification.pop("MetricDefinitions", None)
    return {
        **given,
        "AlgorithmSpecification": specification,
        "TrainingJobName": f"{job.record['HyperParameterTuningJobName']}-{number:03}-{secrets.token_hex(4)}",
        "HyperParameters": {
            **fixed,
            **trial.values,
            "_tuning_objective_metric": job.objective["MetricName"],
        },
    }


def _earlier(parent: _Tuning) -> Iterator[Earlier]:
    """The trials of a parent that came to something; what it knew of its own parents stays with it."""
    fixed = parent.record["TrainingJobDefinition"].get("StaticHyperParameters", {})
    for trial in filter(_objective_of, parent.trials.values()):
        values = {**fixed, **trial["TunedHyperParameters"]}
        yield Earlier(values, float(_objective_of(trial)["Value"]))


def _summary(job: _Tuning, record: Members, trial: Trial, objective: float | None = None) -> Members:
    taken = (
        *("TrainingJobName", "TrainingJobArn", "TrainingJobStatus", "CreationTime"),
        *("TrainingStartTime", "TrainingEndTime", "FailureReason"),
    )
    summary = {name: record[name] for name in taken if name in record}
    summary |= {"TunedHyperParameters": trial.values, "ObjectiveStatus": "Pending"}
    if record["TrainingJobStatus"] != "InProgress":
        summary["ObjectiveStatus"] = "Failed" if objective is None else "Succeeded"
    if objective is not None:
        summary["FinalHyperParameterTuningJobObjectiveMetric"] = {
            "MetricName": job.objective["MetricName"],
            "Type": job.objective["Type"],
            "Value": objective,
        }
    return summary


def _final_objective(job: _Tuning, record: Members) -> float | None:
    metric = job.objective["MetricName"]
    found = (item["Value"] for item in record.get("FinalMetricDataList", []) if item["MetricName"] == metric)
    return next(found, None)


def _objective_of(trial: Members) -> Any:
    return trial.get("FinalHyperParameterTuningJobObjectiveMetric")


def _best_first(job: _Tuning, trials: list[Members]) -> list[Members]:
    sign = 1 if job.objective["Type"] == "Minimize" else -1
    return sorted(
        filter(_objective_of, trials), key=lambda trial: sign * float(_objective_of(trial)["Value"])
    )


def _count(job: _Tuning) -> None:
    """How many trainings are where, and which is the best: a finished one, with the model that it left."""
    trials = list(job.trials.values())
    statuses = dict.fromkeys((*_COUNTED_AS.values(), "RetryableError"), 0)
    objectives = dict.fromkeys(("Succeeded", "Pending", "Failed"), 0)
    for trial in trials:
        statuses[_COUNTED_AS[trial["TrainingJobStatus"]]] += 1
        objectives[trial["ObjectiveStatus"]] += 1
    job.record |= {"TrainingJobStatusCounters": statuses, "ObjectiveStatusCounters": objectives}
    finished = [trial for trial in trials if trial["TrainingJobStatus"] == "Completed"]
    if best := _best_first(job, finished):
        job.record["BestTrainingJob"] = best[0]
