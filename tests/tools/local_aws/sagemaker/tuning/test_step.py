"""A pipeline tunes, and goes on with the model of the best training."""

from tests.tools.local_aws.aws import unique
from tests.tools.local_aws.sagemaker.helpers import Place, s3_input, s3_output
from tests.tools.local_aws.sagemaker.pipelines.helpers import create, execute, job_arguments
from tests.tools.local_aws.sagemaker.tuning.test_jobs import tuning_request

LOOK = """
import os, pathlib, tarfile
archive = next(pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"], "processing/input/model").iterdir())
seen = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"], "processing/output/seen/eta.txt")
seen.write_bytes(tarfile.open(archive).extractfile("eta.txt").read())
"""


def test_the_model_of_the_best_training_is_an_input_of_the_next_step(place: Place) -> None:
    name, best = unique("pipeline"), {"Get": "Steps.Tune.BestTrainingJob.TrainingJobName"}
    values = [f"s3://{place.bucket}/training", best, "output", "model.tar.gz"]
    look = job_arguments(place.processing_request(LOOK))
    model = s3_input("model", "", "/opt/ml/processing/input/model")
    model["S3Input"]["S3Uri"] = {"Std:Join": {"On": "/", "Values": values}}
    look["ProcessingInputs"].append(model)
    seen = s3_output("seen", f"s3://{place.bucket}/seen/{name}", "/opt/ml/processing/output/seen")
    look["ProcessingOutputConfig"] = {"Outputs": [seen]}
    tune = {
        "Name": "Tune",
        "Type": "Tuning",
        "Arguments": job_arguments(tuning_request(place)),
        "CacheConfig": {"Enabled": True, "ExpireAfter": "P30D"},
    }
    steps = [tune, {"Name": "Look", "Type": "Processing", "Arguments": look}]
    create(place, name, {"Version": "2020-12-01", "Steps": steps})
    execution, ran = execute(place, name)
    assert execution["PipelineExecutionStatus"] == "Succeeded", ran
    arn = ran["Tune"]["Metadata"]["TuningJob"]["Arn"]
    described = place.sagemaker.describe_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=arn.split("/")[-1]
    )
    tuned = described["BestTrainingJob"]["TunedHyperParameters"]["eta"]
    assert place.read(f"seen/{name}/eta.txt") == tuned
    _, again = execute(place, name)
    assert again["Tune"]["CacheHitResult"]["SourcePipelineExecutionArn"] == execution["PipelineExecutionArn"]
    assert again["Tune"]["Metadata"] == ran["Tune"]["Metadata"]
