"""Puts the parts of SageMaker together."""

from moto.core.responses import BaseResponse

from tools.local_aws.context import Context
from tools.local_aws.sagemaker.account import Account
from tools.local_aws.sagemaker.api import Operation, response_class
from tools.local_aws.sagemaker.endpoints.asynchronous import Queue
from tools.local_aws.sagemaker.endpoints.components import Components
from tools.local_aws.sagemaker.endpoints.invocations import runtime_response_class
from tools.local_aws.sagemaker.endpoints.models import Models
from tools.local_aws.sagemaker.endpoints.operations import Endpoints
from tools.local_aws.sagemaker.feature_groups import FeatureGroups
from tools.local_aws.sagemaker.jobs.processing import ProcessingJobs
from tools.local_aws.sagemaker.jobs.training import TrainingJobs
from tools.local_aws.sagemaker.monitoring.job_definitions import JobDefinitions
from tools.local_aws.sagemaker.monitoring.runs import MonitoringRuns
from tools.local_aws.sagemaker.monitoring.schedules import MonitoringSchedules
from tools.local_aws.sagemaker.pipelines.executions import PipelineExecutions
from tools.local_aws.sagemaker.pipelines.operations import Pipelines
from tools.local_aws.sagemaker.pipelines.steps import Jobs
from tools.local_aws.sagemaker.registry.model_packages import ModelPackages
from tools.local_aws.sagemaker.studio.mlflow_api import MlflowServers, mlflow_response_class
from tools.local_aws.sagemaker.studio.mlflow_apps import MlflowApps
from tools.local_aws.sagemaker.studio.service import Studio
from tools.local_aws.sagemaker.studio.tracking_servers import TrackingServers
from tools.local_aws.sagemaker.tagging import Tagging
from tools.local_aws.sagemaker.transform.jobs import TransformJobs
from tools.local_aws.sagemaker.tuning.jobs import TuningJobs
from tools.local_aws.sagemaker.workteams import Workteams


def responses(context: Context, registries: dict[str, ModelPackages]) -> tuple[type[BaseResponse], ...]:
    """Classes that answer the API, the runtime API and MLflow's; the hour may strike from now on.

    `registries` are those of all accounts, which see versions of each other where a policy allows it.
    """
    account = Account(context)
    operations: dict[str, Operation] = {}
    processing_jobs, training_jobs = ProcessingJobs(account), TrainingJobs(account)
    packages = ModelPackages(account, registries)
    models = Models(account, packages.packages)
    endpoints = Endpoints(account, models)
    pipelines = Pipelines(account)
    tuning_jobs = TuningJobs(account, training_jobs)
    jobs: dict[str, Jobs] = {
        "Processing": processing_jobs,
        "Training": training_jobs,
        "Tuning": tuning_jobs,
    }
    executions = PipelineExecutions(account, pipelines, jobs)
    definitions = JobDefinitions(account, endpoints.table)
    mlflow_apps = MlflowApps(account)
    schedules = MonitoringSchedules(account, definitions)
    for part in (
        Tagging(account),
        processing_jobs,
        training_jobs,
        tuning_jobs,
        TransformJobs(account, models),
        packages,
        models,
        endpoints,
        Components(account, models, endpoints),
        pipelines,
        executions,
        definitions,
        schedules,
        Studio(account),
        mlflow_apps,
        TrackingServers(account),
        FeatureGroups(account),
        Workteams(account),
    ):
        operations |= part.operations
    runs = MonitoringRuns(account, schedules, endpoints, processing_jobs)
    context.controls["interrupt-spot"] = training_jobs.interrupt_spot
    context.controls["strike-hour"] = runs.strike_hour
    return (
        response_class(operations, new_customer=context.new_customer),
        runtime_response_class(endpoints, Queue(endpoints)),
        mlflow_response_class(MlflowServers(account, mlflow_apps)),
    )
