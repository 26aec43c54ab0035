"""Publishes the metrics that a monitoring container leaves in a file.

AWS documents the file (`/opt/ml/output/metrics/cloudwatch`) but two namespaces for it. This is the one that
AWS's own alarms and dashboards read, with Endpoint and MonitoringSchedule as dimensions:
https://github.com/aws-samples/amazon-sagemaker-drift-detection/blob/main/deployment_pipeline/infra/sagemaker_stack.py
https://github.com/aws/sagemaker-python-sdk/blob/master-v2/src/sagemaker/dashboard/data_quality_dashboard.py
"""

import json
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from tools.local_aws.sagemaker.errors import JobFailedError

NAMESPACE = "aws/sagemaker/Endpoints/data-metrics"
_FILE = "output/metrics/cloudwatch"
# PutMetricData refuses more in one call.
_MOST_METRICS = 1000


def publish(job_folder: Path, cloudwatch: Any) -> None:
    """Puts the metrics as the job's role; `JobFailedError` when it may not: alarms would stay silent."""
    path = job_folder / _FILE
    if not path.is_file():
        return
    metrics = [json.loads(line) for line in path.read_text().splitlines()]
    try:
        for start in range(0, len(metrics), _MOST_METRICS):
            cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=metrics[start : start + _MOST_METRICS])
    except ClientError as error:
        raise JobFailedError(f"ClientError: Failed to publish metrics: {error}") from error
