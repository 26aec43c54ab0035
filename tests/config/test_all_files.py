"""What shows only when files are compared, and that everything is reported at once."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.config.conftest import Workspace

DEV, PROD, RENTS = "environments/dev", "environments/prod", "use_cases/rents"


def test_a_valid_configuration_becomes_typed_settings(workspace: "Workspace") -> None:
    settings = workspace.load()
    assert [environment.name for environment in settings.environments] == ["dev", "prod"]
    assert settings.environments[1].use_cases["rents"].model == 7
    assert settings.environments[1].use_cases["rents"].endpoint.instances.min == 2
    assert settings.use_cases["rents"].columns == ("Rent", "Area", "Rooms", "District")


def test_five_mistakes_in_two_files_are_five_lines(workspace: "Workspace") -> None:
    workspace.set(DEV, "account", "123")
    workspace.set(DEV, "use_cases.rents.endpoint.instance_type", "ml.m5.larg")
    workspace.set(DEV, "regio", workspace.documents[DEV].pop("region"))
    workspace.set(RENTS, "split", {"train": 0.5, "validation": 0.2, "test": 0.1})
    workspace.set(RENTS, "drop.Area", "also a feature")
    lines = workspace.mistakes()
    assert [line.split(": ")[:2] for line in lines] == [
        ["config/environments/dev.yaml", "account"],
        ["config/environments/dev.yaml", "use_cases.rents.endpoint.instance_type"],
        ["config/environments/dev.yaml", "regio"],
        ["config/use_cases/rents.yaml", "split"],
        ["config/use_cases/rents.yaml", "drop.Area"],
    ]


def test_a_mistake_does_not_hide_one_that_compares_other_values(workspace: "Workspace") -> None:
    workspace.set(PROD, "account", "1")
    workspace.set(PROD, "use_cases.rents.endpoint", {"instances": {"min": 1, "max": 1}, "instance_typ": "x"})
    paths = [line.split(": ")[1] for line in workspace.mistakes()]
    assert paths == [
        "account",
        "use_cases.rents.endpoint.instance_typ",
        "use_cases.rents.endpoint.instances.min",
    ]


def test_what_is_right_in_a_wrong_file_is_still_compared(workspace: "Workspace") -> None:
    workspace.copy(DEV, "environments/test")
    workspace.set("environments/test", "network", {"cidr": "10.0.128.0/17", "availability_zones": 2})
    workspace.set("environments/test", "off_hours", {"stop": "07:00", "start": "07:00", "timezone": "Berlin"})
    workspace.set("environments/test", "studio", {"people": {"ann": {"single_sign_on_user": "ann"}}})
    workspace.set(RENTS, "features.numeric", ["Area", " Rooms", "Area"])
    workspace.set(RENTS, "drop", {"Area": "", "Contract": "known later"})
    workspace.set(RENTS, "hyperparameters", {"max_depth": 0, "objective": "binary:logistic"})
    places = {line.split(": ")[1] for line in workspace.mistakes()}
    assert places == {
        *("network.availability_zones", "network.cidr", "off_hours.timezone", "off_hours.start"),
        *("studio.people.ann.persona", "studio.people.ann.single_sign_on_user"),
        *("features.numeric[1]", "features.numeric[2]", "drop.Area"),
        *("hyperparameters.max_depth", "hyperparameters.objective"),
    }


def test_one_instance_in_production_is_possible_with_a_reason(workspace: "Workspace") -> None:
    instances = {"min": 1, "max": 1, "because": "an internal tool, an outage costs nothing"}
    workspace.set(PROD, "use_cases.rents.endpoint.instances", instances)
    assert (
        workspace.load().environments[1].use_cases["rents"].endpoint.instances.because == instances["because"]
    )


def test_a_burstable_instance_is_possible_without_scaling(workspace: "Workspace") -> None:
    endpoint = {"instance_type": "ml.t2.medium", "instances": {"min": 1, "max": 1}}
    workspace.set(DEV, "use_cases.rents.endpoint", endpoint)
    assert workspace.load().environments[0].use_cases["rents"].endpoint.instance_type == "ml.t2.medium"


def test_there_must_be_an_environment(workspace: "Workspace") -> None:
    for file in (DEV, PROD):
        (workspace.folder / f"{file}.yaml").unlink()
    (line,) = workspace.mistakes()
    assert "there is no environment" in line


def test_a_folder_that_does_not_exist_is_reported(workspace: "Workspace") -> None:
    workspace.folder = workspace.folder / "elsewhere"
    assert "there is no environment" in workspace.mistakes()[0]


def test_a_name_that_cannot_be_a_name_on_aws_is_told_its_slug(workspace: "Workspace") -> None:
    workspace.copy(RENTS, "use_cases/Flat_Rents")
    (line,) = workspace.mistakes()
    assert 'Flat_Rents.yaml: (file): "Flat_Rents"' in line
    assert "rename the file to flat-rents.yaml" in line
