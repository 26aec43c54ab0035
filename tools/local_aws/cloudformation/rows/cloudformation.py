"""Types that CloudFormation itself provides and that create nothing elsewhere."""

from tools.local_aws.cloudformation.row import Row

_DESCRIBED_ONLY = "it describes the application and creates nothing"

ROWS = (
    Row(
        type_name="AWS::CloudFormation::WaitConditionHandle",
        service="cloudformation",
        create=None,
        reference="https://cloudformation-waitcondition-{region}.s3.amazonaws.com/{stack}/{logical}/{suffix}",
    ),
    Row(
        type_name="AWS::CDK::Metadata",
        service="cloudformation",
        create=None,
        reference="{stack}-{logical}-{suffix}",
        ignored={"Analytics": _DESCRIBED_ONLY},
    ),
)
