"""Elastic Container Registry: repositories."""

from tools.local_aws.cloudformation.parts import put
from tools.local_aws.cloudformation.row import Name, Read, Row, Setting, Tagging, Work


def _put_lifecycle(work: Work) -> None:
    declared = work.properties["LifecyclePolicy"]
    others = sorted(set(declared) - {"LifecyclePolicyText"})
    if others:
        raise work.refusal([f"LifecyclePolicy.{name}" for name in others], "PutLifecyclePolicy")
    work.call("PutLifecyclePolicy", {"lifecyclePolicyText": declared["LifecyclePolicyText"]})


def _delete_lifecycle(work: Work) -> None:
    work.call("DeleteLifecyclePolicy")


ROWS = (
    Row(
        type_name="AWS::ECR::Repository",
        service="ecr",
        create="CreateRepository",
        delete="DeleteRepository",
        reference="{RepositoryName}",
        read=Read("DescribeRepositories", found="repositories[?repositoryName=='{RepositoryName}']"),
        identity={
            "repositoryName": "{RepositoryName}",
            "repositoryNames": ("{RepositoryName}",),
            "resourceArn": "{Arn}",
        },
        name=Name("RepositoryName", 256, lower_case=True),
        # The creation tells of one, a search for one that exists of a list.
        learns={
            "Arn": "(repository || repositories[0]).repositoryArn",
            "RepositoryUri": "(repository || repositories[0]).repositoryUri",
        },
        settings=(
            put(
                "RepositoryPolicyText",
                "SetRepositoryPolicy",
                member="policyText",
                remove="DeleteRepositoryPolicy",
            ),
            Setting(("LifecyclePolicy",), _put_lifecycle, _delete_lifecycle),
            put("ImageTagMutability", "PutImageTagMutability", created_with=True),
            put("ImageScanningConfiguration", "PutImageScanningConfiguration", created_with=True),
        ),
        tagging=Tagging("TagResource", "UntagResource", keys_member="tagKeys"),
        ignored={"EmptyOnDelete": "the embedded AWS holds no images that could be in the way"},
    ),
)
