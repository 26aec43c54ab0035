"""One value is spoilt; the report has one line with the file, the key path, the value and what is allowed."""

from collections.abc import Callable

import pytest

MistakesOf = Callable[[str, str, object], list[str]]
DEV, PROD, RENTS = "environments/dev", "environments/prod", "use_cases/rents"
MISSING = "remove this key"
IN_DEV = IN_PROD = "use_cases.rents."

# what is changed: file, key path, value; what the line must say besides: key path (if another), words
MISTAKES: list[tuple[str, str, object, str | None, list[str]]] = [
    (DEV, "account", MISSING, None, ["(missing): is required", "12 digits", "add `account: ...`"]),
    (
        DEV,
        "acount",
        "111111111111",
        None,
        ["is an unknown key", "account, region", "did you mean account?"],
    ),
    (DEV, "name", "dev", None, ["the name is the name of the file"]),
    (DEV, "project", "My Project", None, ["cannot begin names on AWS", "change: write my-project"]),
    (
        DEV,
        "project",
        "p" * 60,
        "(file)",
        ["its ", "at most", "shorten the name of the file or of the project"],
    ),
    (DEV, "region", None, None, ["null: is not text"]),
    (DEV, "region", "us-gov-west-1", None, ["is not a region"]),
    (DEV, "log_retention_days", 31, None, ["31:", "allowed: 1, 3, 5", "change: write 30"]),
    (DEV, "log_retention_days", "30", None, ['"30": is not a whole number']),
    (DEV, "alerts.email", "nobody", None, ['"nobody"', "name@example.com"]),
    (DEV, "network", MISSING, None, ["(missing)", "cidr, availability_zones"]),
    (DEV, "network", "10.0.0.0/16", None, ["is not a mapping"]),
    (DEV, "network.cidr", "10.0.0.1/16", None, ["is not a CIDR"]),
    (DEV, "network.cidr", "172.17.0.0/16", None, ["SageMaker uses itself"]),
    (DEV, "network.availability_zones", ["eu-west-1a"], None, ["has 1 availability zones", "2 to 6"]),
    (DEV, "network.availability_zones", ["eu-west-1a", "eu-west-1a"], None, ["repeats eu-west-1a"]),
    (
        DEV,
        "network.availability_zones",
        ["eu-west-1a", "us-east-1b"],
        "network.availability_zones[1]",
        ['"us-east-1b"', "eu-west-1a to eu-west-1f"],
    ),
    (DEV, "network.availability_zones", "eu-west-1a", None, ["is not a list"]),
    (DEV, "network.subnets", [], None, ["is an unknown key", "allowed: cidr, availability_zones"]),
    (PROD, "network.security_group_ids", [], None, ["has 0 security groups"]),
    (PROD, "network.vpc_id", "vpc-12", None, ['"vpc-12"', "8 or 17 hexadecimal digits"]),
    (PROD, "network.cidr", "10.0.0.0/16", None, ["is an unknown key", "allowed: vpc_id"]),
    (PROD, "network.dns_firewall", True, None, ["is an unknown key", "allowed: vpc_id"]),
    (DEV, IN_DEV + "model", "latest-aproved", None, ["did you mean latest-approved?"]),
    (DEV, IN_DEV + "model", 0, None, ["0: is no model", "1 or higher"]),
    (DEV, IN_DEV + "model", True, None, ["true: is no model"]),
    (DEV, IN_DEV + "model", "7", None, ["without quotes: 7"]),
    (DEV, IN_DEV + "model", None, None, ["null: is no model"]),
    (DEV, "use_cases.rents", None, None, ["null: is not a mapping", "after the colon, or remove the key"]),
    (DEV, IN_DEV + "endpoint.instance_type", "ml.m5.huge", None, ["allowed: ml.m5.large, ml.m5.xlarge"]),
    (DEV, IN_DEV + "endpoint.instance_type", "ml.t2.medium", None, ["burstable", "ml.m type"]),
    (DEV, IN_DEV + "training.training_instance_type", "ml.t2.medium", None, ["not offered for training"]),
    (DEV, IN_DEV + "training.volume_size_gb", 0, None, ["at least 1 and at most 16384"]),
    (DEV, IN_DEV + "endpoint.instances.max", 1.5, None, ["1.5: is not a whole number"]),
    (DEV, IN_DEV + "monitoring.every_hours", 48, None, ["at least 1 and at most 24"]),
    (DEV, IN_DEV + "monitoring.capture_percentage", 0, None, ["without a reason", "because"]),
    (
        DEV,
        "use_cases.rent",
        {"model": "none"},
        None,
        ["no such file", "allowed: rents", "did you mean rents?"],
    ),
    (RENTS, "problem", "classification", None, ["regression, binary-classification"]),
    (RENTS, "algorithm", "catboost", None, ["allowed: xgboost, lightgbm, linear, knn, auto"]),
    (RENTS, "target", MISSING, None, ["(missing)", "Column that is predicted"]),
    (RENTS, "target_transform", "sqrt", None, ["none, log"]),
    (RENTS, "features", {}, None, ["names no column"]),
    (RENTS, "features.numeric", ["Area", "a,b"], "features.numeric[1]", ["a comma"]),
    (RENTS, "features.numeric", ["Area", "x" * 65], "features.numeric[1]", ["has 65 characters"]),
    (RENTS, "features.numeric", ["Area", " x"], "features.numeric[1]", ["begins or ends with a space"]),
    (RENTS, "features.numeric", ["Area", "-x"], "features.numeric[1]", ["begins with a dash"]),
    (RENTS, "features.numeric", ["Area", 1], "features.numeric[1]", ['quote it: "1"']),
    (RENTS, "features.numeric", ["Area", "Area"], "features.numeric[1]", ["already in features.numeric"]),
    (RENTS, "features.categorical", ["Area"], "features.categorical[0]", ["already in features.numeric"]),
    (RENTS, "features.categorical", ["Rent"], "features.categorical[0]", ["already in target"]),
    (RENTS, "drop.Area", "no reason to know", None, ['"Area"', "already in features.numeric"]),
    (RENTS, "drop.Floor", "", None, ["gives no reason"]),
    (RENTS, "drop", ["Floor"], None, ["is not a mapping", "key: value"]),
    (RENTS, "split", {"train": 0.7, "validation": 0.2, "test": 0.2}, None, ["add up to 1.1", "= 1"]),
    (RENTS, "split.train", 1.0, None, ["below 1"]),
    (RENTS, "split.by", "date", None, ["hash, time, group, stratified"]),
    (RENTS, "split.by", "time", "split.column", ["(missing): is needed to divide by time", "when a row was"]),
    (RENTS, "split.column", "Contract", None, ["has no part in hash", "write by: time or by: group"]),
    (RENTS, "split", {"by": "stratified"}, "split.by", ["numbers are no classes"]),
    (RENTS, "split", {"by": "group", "column": "Tenant"}, "split.column", ["is no feature and not dropped"]),
    (RENTS, "split", {"by": "group", "column": "Rent"}, "split.column", ["columns of features and drop"]),
    (RENTS, "split", {"by": "time", "column": "District"}, "split.column", ["have no order"]),
    (RENTS, "split.train", float("nan"), None, [".nan: is not finite"]),
    (RENTS, "features_module", "features_rents", None, ["no such module", "pipeline_code/features_rents.py"]),
    (RENTS, "features_module", "train", None, ["features_<name>"]),
    (RENTS, "hyperparameters.max_dept", 3, None, ["unknown hyperparameter", "did you mean max_depth?"]),
    (RENTS, "hyperparameters.max_depth", [3], None, ["[3]: cannot be used", "a whole number from 1 to 50"]),
    (RENTS, "hyperparameters.max_depth", True, None, ["true: cannot be used"]),
    (RENTS, "hyperparameters.learning_rate", float("inf"), None, [".inf", "a number above 0 to 1"]),
    (RENTS, "hyperparameters.objective", "binary:logistic", None, ["no objective of regression"]),
    (RENTS, "hyperparameters.objective", "reg:squared", None, ["did you mean reg:squarederror?"]),
    (RENTS, "success.metric", "accuracy", None, ["is no metric of regression", "within_10_percent"]),
    (
        RENTS,
        "success.metric",
        "within_10_percnt",
        None,
        ["is not a metric", "did you mean within_10_percent?"],
    ),
    (
        RENTS,
        "success.at_least",
        70,
        None,
        ["70: is out of the range", "above 0 and up to 1", "0.7 for 70 %"],
    ),
    (RENTS, "success.at_least", -0.1, None, ["above 0"]),
    (RENTS, "success.at_most", 0.9, "success", ["exactly one threshold", "at_least alone"]),
    (RENTS, "success.at_least", MISSING, "success", ["(missing)", "at_least alone"]),
    (RENTS, "success", {"metric": "rmse", "at_least": 1.0}, None, ["better when lower", "at_most alone"]),
    (RENTS, "drift.features", [], None, ["has 0 features", "1 to 10"]),
    (RENTS, "drift.features", ["Rent"], "drift.features[0]", ["is no feature of this use case"]),
    (RENTS, "drift.features", ["Area", "Area"], None, ["repeats Area", "1 to 10 different features"]),
    (RENTS, "drift.threshold", 1.5, None, ["1.5: is out of range", "above 0 and at most 1"]),
]


@pytest.mark.parametrize(
    ("file", "path", "value", "shown", "words"), MISTAKES, ids=[f"{m[1]}={m[2]!s:.30}" for m in MISTAKES]
)
def test_a_mistake_is_one_line_that_says_where_what_and_what_is_allowed(
    mistakes_of: MistakesOf, file: str, path: str, value: object, shown: str | None, words: list[str]
) -> None:
    lines = mistakes_of(file, path, value)
    assert len(lines) == 1, lines
    assert lines[0].startswith(f"config/{file}.yaml: {shown or path}: ")
    for word in [*words, "; allowed: ", "; change: "]:
        assert word in lines[0]
