"""What a resource needs exists before it: policies before the work that uses their role, stacks in order."""

import pytest

from tests.stacks.cloud import Cloud, Resource
from tests.stacks.roles import roles_of


def _used_roles(cloud: Cloud, resource: Resource) -> list[Resource]:
    targets = cloud.referenced(resource.template, resource.properties)
    return [target for target in targets if target.type == "AWS::IAM::Role"]


def test_every_role_has_a_policy_but_that_of_a_channel_which_may_do_nothing(cloud: Cloud) -> None:
    without = {role.name for role in roles_of(cloud) if not role.policies}
    assert without <= {"Chat"}


def test_every_resource_that_uses_a_role_waits_for_the_policies_of_the_role(cloud: Cloud) -> None:
    """IAM answers before a policy is attached; then creating the resource fails, sometimes only later."""
    policies = {str(role.resource): role.policies for role in roles_of(cloud)}
    users = 0
    for resource in cloud.resources:
        # The policy of a bucket names roles without acting as them.
        if resource.type.startswith("AWS::IAM::") or resource.type == "AWS::S3::BucketPolicy":
            continue
        for role in _used_roles(cloud, resource):
            users += 1
            for policy in policies[str(role)]:
                same_stack = policy.template.stack == resource.template.stack
                is_before = (
                    str(policy) in cloud.waits_for(resource)
                    if same_stack
                    else policy.template.stack in cloud.stacks_before(resource.template.stack)
                )
                assert is_before, f"{resource} does not wait for {policy}"
    assert users


def test_a_stack_is_deployed_after_every_stack_it_imports_from(cloud: Cloud) -> None:
    for resource in cloud.resources:
        before = cloud.stacks_before(resource.template.stack)
        for target in cloud.referenced(resource.template, resource.properties):
            stack = target.template.stack
            assert stack in before or stack == resource.template.stack, f"{resource} needs {target}"


@pytest.mark.parametrize("kind", ["monitoring", "training"])
def test_what_is_about_the_version_that_serves_is_deployed_after_serving(cloud: Cloud, kind: str) -> None:
    """Monitoring watches the endpoint; executions of the pipeline compare with the live version."""
    about = [template for template in cloud.templates if template.stack.endswith(f"-{kind}")]
    if not about:
        cloud.lacks("a use case")
    for template in about:
        serving = template.stack.removesuffix(kind) + "serving"
        assert serving in cloud.stacks_before(template.stack), template.stack


def test_a_pipeline_waits_for_the_group_that_it_registers_models_in(cloud: Cloud) -> None:
    for pipeline in cloud.of_type("AWS::SageMaker::Pipeline"):
        (group,) = pipeline.template.of_type("AWS::SageMaker::ModelPackageGroup")
        assert str(group) in cloud.waits_for(pipeline), pipeline


def test_no_stack_waits_for_itself(cloud: Cloud) -> None:
    for template in cloud.templates:
        assert template.stack not in cloud.stacks_before(template.stack)
