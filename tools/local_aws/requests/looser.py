"""Where AWS takes what botocore's model forbids, or refuses it elsewhere in other words."""

from tools.local_aws.requests.wire import Request

TAKEN = {
    ("s3:CreateBucket", "'createBucketConfiguration.locationConstraint'"): (
        "refused in words of its own, InvalidLocationConstraint: "
        "https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"
    ),
}
"""The operation, a part of the mistake, and the reason with its source."""


def is_taken(request: Request, mistake: str) -> bool:
    """Whether the model's word is not the service's."""
    call = f"{request.service}:{request.operation}"
    return any(call == known and part in mistake for known, part in TAKEN)
