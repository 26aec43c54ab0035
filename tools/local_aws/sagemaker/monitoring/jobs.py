"""The processing job behind one execution of a monitoring schedule."""

import json
import secrets
from datetime import datetime, timedelta

from tools.local_aws.sagemaker.store import Members

ENDPOINT_INPUT = "endpoint_input_1"
_HOUR = timedelta(hours=1)
_BASELINE = "/opt/ml/processing/baseline"
_UPLOAD_MODE = "EndOfJob"
_DEFAULT_RUNTIME = {"MaxRuntimeInSeconds": 3600}


def job_request(schedule: Members, definition: Members, execution: Members, capture_uri: str) -> Members:
    """The processing job of one execution, as Model Monitor makes it from the definition."""
    hour, name = execution["ScheduledTime"], schedule["MonitoringScheduleName"]
    endpoint_input = definition["DataQualityJobInput"]["EndpointInput"]
    application = definition["DataQualityAppSpecification"]
    output = definition["DataQualityJobOutputConfig"]
    local_output = {"S3UploadMode": _UPLOAD_MODE} | output["MonitoringOutputs"][0]["S3Output"]
    report_uri = f"{local_output['S3Uri'].rstrip('/')}/{schedule['EndpointName']}/{name}/{hour:%Y/%m/%d/%H}"
    baseline = _baseline_inputs(definition)
    request = {
        "ProcessingJobName": f"model-monitoring-{hour:%Y%m%d%H%M}-{secrets.token_hex(12)}",
        "RoleArn": definition["RoleArn"],
        "MonitoringScheduleArn": schedule["MonitoringScheduleArn"],
        "AppSpecification": {
            member: application[member]
            for member in ("ImageUri", "ContainerEntrypoint", "ContainerArguments")
            if member in application
        },
        "Environment": _environment(schedule, definition, hour) | application.get("Environment", {}),
        "ProcessingInputs": [
            _s3_input(ENDPOINT_INPUT, capture_uri, endpoint_input["LocalPath"]),
            *(_s3_input(kind, uri, f"{_BASELINE}/{kind}") for kind, uri in baseline.items()),
        ],
        "ProcessingOutputConfig": {
            "Outputs": [{"OutputName": "result", "S3Output": local_output | {"S3Uri": report_uri}}]
        },
        "ProcessingResources": definition["JobResources"],
        "StoppingCondition": definition.get("StoppingCondition", _DEFAULT_RUNTIME),
    }
    if "KmsKeyId" in output:
        request["ProcessingOutputConfig"]["KmsKeyId"] = output["KmsKeyId"]
    if "NetworkConfig" in definition:
        request["NetworkConfig"] = definition["NetworkConfig"]
    return request


def _baseline_inputs(definition: Members) -> dict[str, str]:
    config = definition.get("DataQualityBaselineConfig", {})
    resources = {"constraints": "ConstraintsResource", "statistics": "StatisticsResource"}
    uris = {kind: config.get(member, {}).get("S3Uri") for kind, member in resources.items()}
    return {kind: uri for kind, uri in uris.items() if uri}


def _s3_input(name: str, uri: str, local_path: str) -> Members:
    source = {"S3Uri": uri, "LocalPath": local_path, "S3DataType": "S3Prefix", "S3InputMode": "File"}
    return {"InputName": name, "S3Input": source}


def _environment(schedule: Members, definition: Members, hour: datetime) -> dict[str, str]:
    local_output = definition["DataQualityJobOutputConfig"]["MonitoringOutputs"][0]["S3Output"]
    endpoint_input = definition["DataQualityJobInput"]["EndpointInput"]
    baseline = _baseline_inputs(definition)
    environment = {
        "dataset_format": json.dumps(
            {"sagemakerCaptureJson": {"captureIndexNames": ["endpointInput", "endpointOutput"]}}
        ),
        "dataset_source": endpoint_input["LocalPath"],
        "output_path": local_output["LocalPath"],
        "publish_cloudwatch_metrics": "Enabled",
        "sagemaker_endpoint_name": schedule["EndpointName"],
        "sagemaker_monitoring_schedule_name": schedule["MonitoringScheduleName"],
        "start_time": f"{hour - _HOUR:%Y-%m-%dT%H:%M:%SZ}",
        "end_time": f"{hour:%Y-%m-%dT%H:%M:%SZ}",
    }
    environment |= {
        f"baseline_{kind}": f"{_BASELINE}/{kind}/{uri.rsplit('/', 1)[-1]}" for kind, uri in baseline.items()
    }
    return environment
