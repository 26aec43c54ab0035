"""What SQS says of its queues in CloudWatch: how many messages wait, as of now."""

from moto.cloudwatch.models import MetricDatum
from moto.core.common_models import CloudWatchMetricProvider
from moto.sqs.models import sqs_backends


class QueueMetrics(CloudWatchMetricProvider):  # type: ignore[misc]
    """Moto asks every class of this kind, whoever made it.

    Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
    """

    @staticmethod
    def get_cloudwatch_metrics(account_id: str, region: str) -> list[MetricDatum]:
        return [
            MetricDatum(
                namespace="AWS/SQS",
                name="ApproximateNumberOfMessagesVisible",
                value=len(queue.messages),
                dimensions=[{"Name": "QueueName", "Value": name}],
                timestamp=None,
                unit="Count",
            )
            for name, queue in list(sqs_backends[account_id][region].queues.items())
        ]
