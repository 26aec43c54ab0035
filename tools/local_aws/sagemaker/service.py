"""Puts the parts of SageMaker together and in the place of moto's."""

import moto.sagemaker.urls

from tools.local_aws.context import Context
from tools.local_aws.sagemaker.account import Account
from tools.local_aws.sagemaker.api import Operation, response_class
from tools.local_aws.sagemaker.model_packages import ModelPackages
from tools.local_aws.sagemaker.pipeline_executions import PipelineExecutions
from tools.local_aws.sagemaker.pipelines import Pipelines
from tools.local_aws.sagemaker.processing_jobs import ProcessingJobs
from tools.local_aws.sagemaker.tagging import Tagging
from tools.local_aws.sagemaker.training_jobs import TrainingJobs


def install(context: Context) -> None:
    """Replaces moto's SageMaker by this one."""
    account = Account(context)
    operations: dict[str, Operation] = {}
    processing_jobs, training_jobs = ProcessingJobs(account), TrainingJobs(account)
    pipelines = Pipelines(account)
    executions = PipelineExecutions(
        account, pipelines, {"Processing": processing_jobs, "Training": training_jobs}
    )
    for part in (
        Tagging(account),
        processing_jobs,
        training_jobs,
        ModelPackages(account),
        pipelines,
        executions,
    ):
        operations |= part.operations
    moto.sagemaker.urls.url_paths = {"{0}/$": response_class(operations).dispatch}
