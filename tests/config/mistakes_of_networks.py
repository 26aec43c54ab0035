"""The catalogue's mistakes of networks."""

from config.facts.aws import ALWAYS
from tests.config.catalogue import (
    DEV,
    PROD,
    ConfigurationMistake,
    Copy,
    Set,
    elsewhere,
    mistake,
    unknown,
    wrong,
)
from tests.config.conftest import MISSING

SUBNET, OTHER_SUBNET = "subnet-00000001", "subnet-00000002"

MISTAKES_OF_NETWORKS: tuple[ConfigurationMistake, ...] = (
    mistake(
        "A22",
        "a network is a private range that a VPC can have",
        wrong(DEV, "network.cidr", "ten", "is not a CIDR"),
        wrong(DEV, "network.cidr", "10.0.0.0/8", "prefix length 8", "/16 or smaller"),
        wrong(DEV, "network.cidr", "10.0.0.0", "prefix length 32", "/16 or smaller"),
        wrong(DEV, "network.cidr", "8.8.0.0/16", "is not a private range"),
    ),
    mistake(
        "A23",
        "a network has room for its subnets, and the message counts",
        wrong(
            DEV, "network.cidr", "10.0.0.0/26", "leaves 32 addresses to each of 2 subnets", "/25 or larger"
        ),
    ),
    mistake(
        "A24",
        "subnets cannot overlap or lie outside, because they are the network divided equally",
        unknown(DEV, "network.subnets", ["10.0.0.0/24", "10.0.0.128/25"]),
        unknown(DEV, "network.subnets", ["192.168.0.0/24"]),
    ),
    mistake(
        "A25",
        "networks of two environments do not overlap",
        elsewhere(
            'environments/test.yaml: network.cidr: "10.0.128.0/17"',
            (Copy(DEV, "environments/test"), Set("environments/test", "network.cidr", "10.0.128.0/17")),
            "overlaps 10.0.0.0/16 of config/environments/dev.yaml",
        ),
    ),
    mistake(
        "A26",
        "an existing network has different subnets in two zones and every VPC endpoint",
        wrong(PROD, "network.subnet_ids", MISSING, "is required"),
        wrong(PROD, "network.subnet_ids", [], "has 0 subnets", "2 to 16"),
        wrong(PROD, "network.subnet_ids", [SUBNET], "has 1 subnets", "2 to 16"),
        wrong(PROD, "network.subnet_ids", [SUBNET, SUBNET], "repeats subnet-00000001"),
        wrong(PROD, "network.availability_zones", ["us-east-1a"] * 2, "names 1 zone", "two different zones"),
        wrong(PROD, "network.availability_zones", MISSING, "is required"),
        elsewhere(
            "environments/prod.yaml: network.availability_zones: ",
            (Set(PROD, "network.subnet_ids", [SUBNET, OTHER_SUBNET, "subnet-00000003"]),),
            "names 2 zones for 3 subnets",
        ),
        elsewhere(
            'environments/prod.yaml: network.availability_zones[1]: "eu-west-1a"',
            (Set(PROD, "network.availability_zones", ["us-east-1a", "eu-west-1a"]),),
            "us-east-1a to us-east-1f",
        ),
        elsewhere(
            "environments/prod.yaml: network.vpc_endpoints: ",
            (Set(PROD, "network.vpc_endpoints", [name for name in ALWAYS if name not in ("sts", "kms")]),),
            "lacks sts, kms, without which",
        ),
        elsewhere(
            "environments/prod.yaml: network.vpc_endpoints: ",
            (Set(PROD, "studio", {}), Set(PROD, "catalog", {"databrew": True})),
            "lacks studio, mlflow, athena, databrew, without which",
        ),
    ),
)
