"""One endpoint for the models of several use cases, which come to it as inference components.

https://docs.aws.amazon.com/sagemaker/latest/dg/realtime-endpoints-deploy-models.html
"""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from config.settings import SharedEndpoint
from stacks.foundation.job_roles import READ_ROLLBACK_ALARMS
from stacks.foundation.stack import FoundationStack
from stacks.image.stack import ImageStack
from stacks.parts.environment_stack import EnvironmentStack
from stacks.parts.place import SHARED_ENDPOINT, USE_CASE
from stacks.permissions.acknowledgements import acknowledge, security_hub
from stacks.permissions.policies import managed_policy
from stacks.permissions.roles import ServiceRole, arn_of, service_role
from stacks.permissions.statements import allow_objects, container_statements, network_statements
from stacks.serving.mode import ONE_INSTANCE
from stacks.serving.variants import VARIANT

AS_MANY_AS_NEEDED = "It begins with one instance, and has as many as the copies on it need, down to none."


class SharedEndpointStack(EnvironmentStack):
    """Endpoint, configuration and role of one environment. Holds no data.

    It exists before any model does. Another size replaces the configuration and updates the endpoint. While
    a use case has a model on it, CloudFormation refuses to delete it: AWS would leave the components behind.
    """

    kind = SHARED_ENDPOINT
    purpose = "One endpoint for the models of several use cases."

    def __init__(
        self,
        scope: Construct,
        foundation: FoundationStack,
        shared: SharedEndpoint,
        image: ImageStack | None,
    ) -> None:
        """`image` is what some of the models may run in, besides AWS's."""
        super().__init__(scope, foundation.settings)
        # What it costs is told by this tag; people of any use case may ask it.
        cdk.Tags.of(self).add(USE_CASE, SHARED_ENDPOINT)
        self._foundation = foundation
        self.role, policy = self._create_role()
        policies = [policy, *([self._let_pull(image)] if image else [])]
        configuration = self._create_configuration(shared)
        # SageMaker looks at what the role may when the endpoint is made.
        configuration.node.add_dependency(*policies)
        endpoint = sagemaker.CfnEndpoint(
            self,
            "Endpoint",
            endpoint_name=self.place.shared_endpoint,
            endpoint_config_name=configuration.attr_endpoint_config_name,
        )
        self.endpoint_name = endpoint.attr_endpoint_name
        cdk.CfnOutput(self, "EndpointName", value=self.endpoint_name)
        self.hand_on(arn_of(self.role), self.endpoint_name)

    def _create_role(self) -> ServiceRole:
        """Of all models on it: a container is cut off from the network, and so from what its role may.

        AWS takes the role of the configuration, one for all components.
        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html
        """
        statements = [
            allow_objects("ReadModel", "s3:GetObject", self._foundation.layout.models),
            READ_ROLLBACK_ALARMS,
            *network_statements(self._foundation.key_arn),
            *container_statements(self.place, self.place.component_logs),
        ]
        return service_role(self, "SharedEndpoint", "sagemaker", "Models on the shared endpoint", statements)

    def _let_pull(self, image: ImageStack) -> iam.ManagedPolicy:
        """A policy of its own, so that nothing changes where no use case has the image."""
        return managed_policy(
            self,
            "SharedEndpointPullPolicy",
            roles=[self.role],
            description="Pulls the environment's own image",
            statements=[image.pull],
        )

    def _create_configuration(self, shared: SharedEndpoint) -> sagemaker.CfnEndpointConfig:
        """Without a model: network and isolation are the endpoint's, whatever a model on it says.

        https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-zero-instances.html
        """
        config, network = sagemaker.CfnEndpointConfig, self._foundation.network
        first = max(shared.instances.min, 1)
        configuration = config(
            self,
            "EndpointConfig",
            kms_key_id=self._foundation.key_arn,
            execution_role_arn=arn_of(self.role),
            enable_network_isolation=True,
            vpc_config=config.VpcConfigProperty(
                subnets=network.subnet_ids, security_group_ids=network.security_group_ids
            ),
            production_variants=[
                config.ProductionVariantProperty(
                    variant_name=VARIANT,
                    instance_type=shared.instance_type,
                    initial_instance_count=first,
                    managed_instance_scaling=config.ManagedInstanceScalingProperty(
                        status="ENABLED",
                        min_instance_count=shared.instances.min,
                        max_instance_count=shared.instances.max,
                    ),
                )
            ],
        )
        if first == 1:
            rests = AS_MANY_AS_NEEDED if shared.instances.min == 0 else ONE_INSTANCE
            acknowledge(configuration, shared.instances.because or rests, security_hub(4))
        return configuration
