"""Quotas are read from the templates: jobs one at a time, endpoints all at once, the largest one twice."""

import json
from typing import Any

from tools.doctor.usage import Need, needs
from tools.synthesized import Stack, Synthesized

STEPS = [
    {
        "Type": "Training",
        "Arguments": {
            "EnableManagedSpotTraining": True,
            "ResourceConfig": {"InstanceType": {"Get": "Parameters.Type"}, "InstanceCount": 2},
        },
    },
    {
        "Type": "Tuning",
        "Arguments": {
            "HyperParameterTuningJobConfig": {"ResourceLimits": {"MaxParallelTrainingJobs": 3}},
            "TrainingJobDefinition": {"ResourceConfig": {"InstanceType": "ml.c5.xlarge", "InstanceCount": 2}},
        },
    },
]
PIPELINE = {"Parameters": [{"Name": "Type", "DefaultValue": "ml.m5.large"}], "Steps": STEPS}
MACHINE = {
    "States": {
        "Predict": {
            "Parameters": {"TransformResources": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 4}}
        },
        "Watch": {
            "Parameters": {
                "ProcessingResources": {"ClusterConfig": {"InstanceType": "ml.t3.large", "InstanceCount": 1}}
            }
        },
    }
}


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties}


def joined(document: dict[str, Any]) -> dict[str, Any]:
    """As CloudFormation's templates hold JSON: text with references in between."""
    text = json.dumps({"Role": "<role>", **document})
    before, after = text.split("<role>")
    return {"Fn::Join": ["", [before, {"Ref": "Role"}, after]]}


def environment(**resources: Any) -> Synthesized:
    stack = Stack("m-dev-x", "dev/x", "us-east-1", {"Resources": resources}, False, *("arn",) * 3)
    return Synthesized("dev", "1", "us-east-1", (stack,))


def test_jobs_are_found_wherever_they_are_declared() -> None:
    pipeline = resource(
        "AWS::SageMaker::Pipeline", PipelineDefinition={"PipelineDefinitionBody": joined(PIPELINE)}
    )
    machine = resource("AWS::StepFunctions::StateMachine", DefinitionString=joined(MACHINE))
    assert needs(environment(Pipeline=pipeline, Machine=machine)) == {
        "ml.m5.large for spot training job usage": Need(2, 2),
        "ml.c5.xlarge for training job usage": Need(6, 6),
        "ml.m5.xlarge for transform job usage": Need(4, 4),
        "ml.t3.large for processing job usage": Need(1, 1),
        "Number of instances across all spot training jobs": Need(2, 2),
        "Number of instances across all training jobs": Need(6, 6),
        "Number of instances across all transform jobs": Need(4, 4),
        "Number of instances across all processing jobs": Need(1, 1),
        "Maximum number of pipelines allowed per account": Need(1, 1),
    }


def test_endpoints_run_at_once_and_the_largest_has_a_second_fleet() -> None:
    kind = "AWS::SageMaker::EndpointConfig"

    def variant(name: str, count: int) -> dict[str, Any]:
        return {"VariantName": name, "InstanceType": "ml.m5.large", "InitialInstanceCount": count}

    found = needs(
        environment(
            One=resource(
                kind, ProductionVariants=[variant("One", 2)], ShadowProductionVariants=[variant("Shadow", 1)]
            ),
            Target=resource(
                "AWS::ApplicationAutoScaling::ScalableTarget",
                ResourceId="endpoint/x/variant/One",
                MaxCapacity=5,
            ),
            Serverless=resource(
                kind, ProductionVariants=[{"VariantName": "A", "ServerlessConfig": {"MaxConcurrency": 20}}]
            ),
        )
    )
    assert found["ml.m5.large for endpoint usage"] == Need(2 * (2 + 1), 2 * (5 + 1))
    shared = variant("Shared", 1) | {
        "ManagedInstanceScaling": {"Status": "ENABLED", "MinInstanceCount": 0, "MaxInstanceCount": 3}
    }
    found_of_shared = needs(environment(One=resource(kind, ProductionVariants=[shared])))
    assert found_of_shared["ml.m5.large for endpoint usage"] == Need(2, 6)
    concurrency = "Maximum total concurrency that can be allocated across all serverless endpoints"
    assert found[concurrency] == Need(20, 20)
