"""Two versions at one endpoint: each with its model, scaling and alarms, side by side on the dashboard."""

import json
import re

from config.settings import Environment
from tests.promises.serving import (
    CONFIGURATION,
    ENDPOINT,
    TARGET,
    deployment_of,
    guarded,
    of_use_cases,
    sized,
)
from tests.stacks.cloud import Cloud, Resource, text_of

ALWAYS = "AllTraffic"


def tried(cloud: Cloud, environments: dict[str, Environment], kind: str, *keys: str) -> list[Resource]:
    """Of endpoints that have another version, by the keys that say so; any if none is named."""
    found = [
        each
        for each in of_use_cases(cloud, kind)
        for key in keys or ("challenger", "shadow")
        if getattr(deployment_of(each, environments), key)
    ]
    return found or cloud.lacks(f"a {keys[0] if keys else 'challenger or shadow'}")


def test_a_challenger_answers_the_share_that_is_configured(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    for configuration in tried(cloud, environments, CONFIGURATION, "challenger"):
        challenger = deployment_of(configuration, environments).challenger
        share = challenger.traffic_percentage if challenger else 0
        weights = {
            variant["VariantName"]: variant["InitialVariantWeight"]
            for variant in configuration.get("ProductionVariants")
        }
        assert weights == {ALWAYS: 100 - share, "Challenger": share}, configuration
        assert configuration.get("ShadowProductionVariants") is None, configuration


def test_a_shadow_hears_the_share_that_is_configured_of_the_one_version_that_answers(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    for configuration in tried(cloud, environments, CONFIGURATION, "shadow"):
        shadow = deployment_of(configuration, environments).shadow
        (serves,), (hears,) = (
            configuration.get("ProductionVariants"),
            configuration.get("ShadowProductionVariants"),
        )
        assert (serves["VariantName"], serves["InitialVariantWeight"]) == (ALWAYS, 1), configuration
        share = (hears["VariantName"], hears["InitialVariantWeight"])
        assert share == ("Shadow", shadow and shadow.sampling_percentage / 100), configuration


def test_each_variant_serves_its_own_version_that_the_release_has_taken(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    for configuration in tried(cloud, environments, CONFIGURATION):
        served = {}
        for variant in sized(configuration):
            (model,) = cloud.referenced(configuration.template, variant["ModelName"])
            (container,) = model.get("Containers")
            url = text_of(container["ModelDataUrl"], lambda _: "bucket")
            (served[variant["VariantName"]],) = re.findall(r"/models/[^/]+/([^/]+)/model\.tar\.gz$", url)
        (name,) = served.keys() - {ALWAYS}
        deployment = deployment_of(configuration, environments)
        assert deployment.beside, configuration
        versions = {ALWAYS: str(deployment.model), name: str(deployment.beside.version)}
        assert served == versions, configuration


def test_weights_are_those_of_the_configuration_after_every_update(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    """What somebody has changed by hand ends with the next deployment; the number of instances stays."""
    for endpoint in tried(cloud, environments, ENDPOINT):
        assert endpoint.get("RetainAllVariantProperties") is True, endpoint
        excluded = endpoint.get("ExcludeRetainedVariantProperties")
        assert excluded == [{"VariantPropertyType": "DesiredWeight"}], endpoint


def test_a_second_version_comes_and_goes_without_guardrails_which_aws_has_between_the_same_variants_only(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    """https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-exclusions.html."""
    watched = {str(endpoint) for endpoint in guarded(cloud, environments)}
    for endpoint in tried(cloud, environments, ENDPOINT):
        assert bool(endpoint.get("DeploymentConfig")) is (str(endpoint) in watched), endpoint


def test_each_variant_that_is_asked_scales_by_itself(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    for endpoint in tried(cloud, environments, ENDPOINT):
        configuration = cloud.the_one(endpoint, "EndpointConfigName")
        targets = [target.get("ResourceId") for target in endpoint.template.of_type(TARGET)]
        scaled = [resource_id.rpartition("/")[2] for resource_id in targets]
        asked = [each["VariantName"] for each in sized(configuration) if each["InitialVariantWeight"]]
        assert sorted(scaled) == sorted(asked), endpoint


def test_a_shadow_has_alarms_that_tell_and_roll_nothing_back(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    for endpoint in tried(cloud, environments, ENDPOINT, "shadow"):
        deciding = json.dumps(endpoint.get("DeploymentConfig", "AutoRollbackConfiguration"))
        of_shadow = [
            alarm
            for alarm in endpoint.template.of_type("AWS::CloudWatch::Alarm")
            if {"Name": "VariantName", "Value": "Shadow"} in (alarm.get("Dimensions") or [])
        ]
        assert {alarm.get("MetricName") for alarm in of_shadow} == {"Invocation5XXErrors", "ModelLatency"}
        for alarm in of_shadow:
            assert alarm.logical_id not in deciding, alarm
            assert alarm.get("AlarmActions"), alarm


def test_the_dashboard_has_both_variants_in_each_graph(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    for endpoint in tried(cloud, environments, ENDPOINT):
        configuration = cloud.the_one(endpoint, "EndpointConfigName")
        monitoring = cloud.stack(endpoint.template.stack.replace("-serving", "-monitoring"))
        (dashboard,) = monitoring.of_type("AWS::CloudWatch::Dashboard")
        widgets = json.loads(text_of(dashboard.get("DashboardBody"), lambda _: "x"))["widgets"]
        graphs = {
            widget["properties"]["title"]: widget["properties"]["metrics"]
            for widget in widgets
            if "metrics" in widget["properties"]
        }
        for title in (
            "Requests in 5 minutes",
            "Errors in 5 minutes",
            "Latency of the model, ms",
            "Instances",
        ):
            named = [metric for metric in graphs[title] if "VariantName" in metric]
            shown = {metric[metric.index("VariantName") + 1] for metric in named}
            assert shown == {each["VariantName"] for each in sized(configuration)}, dashboard
            labels = [
                metric[-1]["label"] for metric in graphs[title] if metric[-1].get("visible") is not False
            ]
            assert len(set(labels)) == len(labels), dashboard
        answering = {each["VariantName"] for each in configuration.get("ProductionVariants")}
        for title in ("Requests", "Server errors"):
            named = [metric for metric in graphs[title] if "VariantName" in metric]
            assert {metric[metric.index("VariantName") + 1] for metric in named} == answering, dashboard
        assert f"{ALWAYS} 99 of 100 answers within, ms" in graphs, dashboard


def test_monitors_read_what_the_version_that_serves_has_answered_and_nothing_of_the_other_one(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    """Its baseline is that of its own training data."""
    for endpoint in tried(cloud, environments, ENDPOINT):
        monitoring = cloud.stack(endpoint.template.stack.replace("-serving", "-monitoring"))
        machines = monitoring.of_type("AWS::StepFunctions::StateMachine")
        comparing = [text_of(each.get("DefinitionString"), lambda _: "x") for each in machines]
        reading = [
            text for text in comparing if endpoint.get("EndpointName") in text and "AllTraffic" in text
        ]
        assert reading, endpoint
        for text in comparing:
            assert not re.search("Challenger|Shadow", text), endpoint
