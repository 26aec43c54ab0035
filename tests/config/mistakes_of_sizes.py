"""The catalogue's mistakes of accounts, endpoints, schedules and thresholds."""

from tests.config.catalogue import (
    DEPLOYMENT,
    DEV,
    PROD,
    RENTS,
    Change,
    ConfigurationMistake,
    Replace,
    Set,
    elsewhere,
    mistake,
    unknown,
    wrong,
)

ENDPOINT, MONITORING = f"{DEPLOYMENT}endpoint", f"{DEPLOYMENT}monitoring"
EMR = {"cluster_id": "j-0123456789ABC"}
NAN = float("nan")
OFF_HOURS = {"stop": "19:00", "start": "07:00"}


def off_hours(**changed: object) -> tuple[Change, ...]:
    """Off-hours of which something is another."""
    return (Set(DEV, "off_hours", {**OFF_HOURS, **changed}),)


MISTAKES_OF_SIZES: tuple[ConfigurationMistake, ...] = (
    mistake(
        "A1",
        "an account is twelve digits",
        wrong(DEV, "account", "123", "12 digits"),
        wrong(DEV, "account", "11111111111", "12 digits"),
        wrong(DEV, "account", "1111-1111-1111", "12 digits without dashes"),
    ),
    mistake(
        "A2",
        "an account without quotes would lose its leading zero",
        wrong(DEV, "account", 111111111111, "is not text", "12 digits", 'quote it: "111111111111"'),
        elsewhere(
            'environments/dev.yaml: account: "011111111111"',
            (Replace(DEV, "'111111111111'", "011111111111"),),
            "would lose its leading zero",
            'quote it: "011111111111"',
        ),
    ),
    mistake(
        "A3",
        "a misspelt region is told the nearest one",
        wrong(DEV, "region", "eu-wst-1", "eu-central-1, ", "us-east-1", "did you mean eu-west-1?"),
    ),
    mistake("A4", "a region is never empty", wrong(DEV, "region", "", "is not a region", "us-east-1")),
    mistake(
        "A5",
        "an endpoint has an instance type of SageMaker",
        wrong(DEV, f"{ENDPOINT}.instance_type", "ml.m5.larg", "did you mean ml.m5.large?"),
        wrong(DEV, f"{ENDPOINT}.instance_type", "m5.large", "does not start with ml.", "write ml.m5.large"),
    ),
    mistake(
        "A6",
        "an instance type must be allowed in its environment",
        wrong(DEV, f"{ENDPOINT}.instance_type", "ml.m5.xlarge", "allowed_instance_types", "ml.m5.large"),
        wrong(DEV, f"{MONITORING}.instance_type", "ml.m5.xlarge", "allowed_instance_types"),
        wrong(DEV, f"{DEPLOYMENT}training.training_instance_type", "ml.c5.xlarge", "allowed_instance_types"),
        elsewhere(
            'environments/dev.yaml: studio.instance_types[1]: "ml.g5.xlarge"',
            (Replace(DEV, "region:", "studio: {instance_types: [ml.t3.medium, ml.g5.xlarge]}\nregion:"),),
            "allowed_instance_types",
            "ml.t3.medium, ml.t3.large",
        ),
    ),
    mistake(
        "A7",
        "an endpoint has an instance",
        wrong(DEV, f"{ENDPOINT}.instances.min", 0, "at least 1"),
    ),
    mistake(
        "A8",
        "one instance in production needs a reason",
        wrong(PROD, f"{ENDPOINT}.instances.min", 1, "2 or more, or 1 with a reason", "because: ..."),
    ),
    mistake(
        "A9",
        "an endpoint cannot be serverless besides having instances",
        elsewhere(
            "environments/dev.yaml: use_cases.rents.endpoint.instances",
            (
                Set(DEV, f"{ENDPOINT}.serverless", {"because": "a public model"}),
                Set(DEV, MONITORING, {"capture_percentage": 0, "because": "nobody may look"}),
            ),
            "has no meaning without instances",
            "remove serverless",
        ),
    ),
    mistake(
        "A10",
        "a serverless memory has whole gigabytes",
        elsewhere(
            "environments/dev.yaml: use_cases.rents.endpoint.serverless.memory_mb: 2000",
            (
                Set(DEV, ENDPOINT, {"serverless": {"because": "a public model", "memory_mb": 2000}}),
                Set(DEV, MONITORING, {"capture_percentage": 0, "because": "nobody may look"}),
            ),
            "1024, 2048, 3072, 4096, 5120, 6144",
        ),
        unknown(DEV, f"{ENDPOINT}.memory_size_mb", 2000),
    ),
    mistake(
        "A11",
        "variants cannot share a name: they are the version that serves, a challenger or a shadow",
        unknown(DEV, f"{ENDPOINT}.variants", [{"name": "a"}, {"name": "a"}]),
        elsewhere(
            "environments/prod.yaml: use_cases.rents.challenger.version: 7",
            (Set(PROD, f"{DEPLOYMENT}challenger", {"version": 7, "traffic_percentage": 10}),),
            "is the version that model serves already",
        ),
    ),
    mistake(
        "A12",
        "a variant's weight cannot be negative, because an endpoint has one variant",
        unknown(DEV, f"{ENDPOINT}.variants", [{"name": "a", "weight": -1}]),
        unknown(DEV, f"{ENDPOINT}.weight", -1),
    ),
    mistake(
        "A13",
        "no more than everything is captured",
        wrong(DEV, f"{MONITORING}.capture_percentage", 150, "is out of range", "at most 100"),
    ),
    mistake(
        "A14",
        "a place outside S3 is refused, and captures have no other place than the environment's bucket",
        unknown(DEV, f"{MONITORING}.capture_uri", "https://example.com/captures"),
        elsewhere(
            'use_cases/rents.yaml: source.emr.script: "https://example.com/prepare.py"',
            (Set(RENTS, "source.emr", {**EMR, "script": "https://example.com/prepare.py"}),),
            "is no object in S3",
            "s3://<bucket>/<key>",
        ),
    ),
    mistake(
        "A27",
        "monitoring runs every so many hours that divide a day, and has no schedule of its own",
        wrong(DEV, f"{MONITORING}.every_hours", 5, "does not divide the day", "1, 2, 3, 4, 6, 8, 12, 24"),
        wrong(DEV, f"{MONITORING}.every_hours", 0.083, "is not a whole number"),
        wrong(DEV, f"{MONITORING}.every_hours", 0, "at least 1 and at most 24"),
        unknown(DEV, f"{MONITORING}.schedule", "0 * * * *"),
    ),
    mistake(
        "A28",
        "hours of rest are days and times of day, a crawler has an hour, and nobody writes a cron expression",
        elsewhere(
            'environments/dev.yaml: off_hours.stop: "0 19 * * 1-5"',
            off_hours(stop="0 19 * * 1-5"),
            "is no time of day",
            "00:00 to 23:59",
        ),
        elsewhere(
            'environments/dev.yaml: off_hours.stop: "24:00"', off_hours(stop="24:00"), "00:00 to 23:59"
        ),
        elsewhere(
            'environments/dev.yaml: off_hours.stop: "19:60"', off_hours(stop="19:60"), "00:00 to 23:59"
        ),
        elsewhere(
            'environments/dev.yaml: off_hours.days[1]: "MON-FRI"',
            off_hours(days=["SAT", "MON-FRI"]),
            "SUN, MON, TUE, WED, THU, FRI, SAT",
        ),
        wrong(DEV, "catalog.crawler_hour_utc", 24, "at least 0 and at most 23"),
        wrong(DEV, "catalog.crawler_hour_utc", "cron(0 5 * * ? *)", "is not a whole number"),
    ),
    mistake(
        "A29",
        "an alarm's threshold is a number, and its operator and period are not settings",
        wrong(RENTS, "drift.threshold", "high", "is not a number"),
        unknown(RENTS, "drift.operator", "GreatrThanThreshold"),
        unknown(RENTS, "drift.period_seconds", 45),
    ),
    mistake(
        "A30",
        "a threshold is finite and within the range of its metric",
        wrong(RENTS, "success.at_least", 1.5, "above 0 and up to 1"),
        wrong(RENTS, "success.at_least", NAN, "is not finite"),
        wrong(RENTS, "drift.threshold", -0.1, "above 0 and at most 1"),
        wrong(RENTS, "drift.threshold", NAN, "is not finite"),
    ),
    mistake(
        "A31",
        "an endpoint scales between a least and a greatest number of instances, and nothing else does",
        wrong(DEV, f"{ENDPOINT}.instances.min", 3, "is above max, 2"),
        wrong(DEV, f"{ENDPOINT}.instances.max", 0, "at least 1"),
        unknown(DEV, f"{ENDPOINT}.resource_id", "endpoint/dev-rents/variant/other"),
    ),
)
