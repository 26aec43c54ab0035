"""The catalogue's mistakes of names, people and the form of the files."""

from tests.config.catalogue import (
    DEPLOYMENT,
    DEV,
    RENTS,
    Change,
    ConfigurationMistake,
    Copy,
    Replace,
    Set,
    elsewhere,
    mistake,
    unknown,
    wrong,
)

ENGINEER = {"persona": "data-engineer"}
LONG, LONGER, LONGEST = "r" * 47, "r" * 79, "e" * 130
OTHER_NETWORK = {"cidr": "10.9.0.0/16", "availability_zones": ["eu-west-1a", "eu-west-1b"]}
REDSHIFT = {"cluster_id": "sales", "database": "dev", "user": "reader", "query": "SELECT 1"}


def another_environment(name: str, **settings: object) -> tuple[Change, ...]:
    """A copy of dev in a network of its own."""
    file = f"environments/{name}"
    values = {"network": OTHER_NETWORK, **settings}
    return (Copy(DEV, file), *(Set(file, key, value) for key, value in values.items()))


MISTAKES_OF_PLACES: tuple[ConfigurationMistake, ...] = (
    mistake(
        "A15",
        "a name that AWS would refuse is told the nearest one",
        elsewhere(
            'use_cases/flat_rents.yaml: (file): "flat_rents"',
            (Copy(RENTS, "use_cases/flat_rents"),),
            "rename the file to flat-rents.yaml",
        ),
        elsewhere(
            'use_cases/flats-.yaml: (file): "flats-"',
            (Copy(RENTS, "use_cases/flats-"),),
            "rename the file to flats.yaml",
        ),
        elsewhere(
            'environments/dev.yaml: studio.people.dana_lee: "dana_lee"',
            (Set(DEV, "studio.people.dana_lee", ENGINEER),),
            "write dana-lee",
        ),
        elsewhere(
            'environments/dev.yaml: studio.people.dana-: "dana-"',
            (Set(DEV, "studio.people.dana-", ENGINEER),),
            "write dana",
        ),
    ),
    mistake(
        "A16",
        "a name is short enough with everything that is added to it",
        elsewhere(
            f'environments/dev.yaml: use_cases.{LONG}: "{LONG}"',
            (Copy(RENTS, f"use_cases/{LONG}"), Set(DEV, f"use_cases.{LONG}", {"model": "none"})),
            f"monitoring schedule dev-{LONG}-data-quality would have 64 characters, 63 are allowed",
            "at most 46 characters in dev",
        ),
        elsewhere(
            f"environments/dev.yaml: studio.people.{'d' * 64}: ",
            (Set(DEV, f"studio.people.{'d' * 64}", ENGINEER),),
            "1 to 63 lower-case letters and digits",
        ),
    ),
    mistake(
        "A17",
        "a pipeline's name is short enough for the service, which allows less than its API says",
        elsewhere(
            f"environments/dev.yaml: use_cases.{LONGER}: ",
            (Copy(RENTS, f"use_cases/{LONGER}"), Set(DEV, f"use_cases.{LONGER}", {"model": "none"})),
            f"dev-{LONGER} would have 83 characters",
        ),
    ),
    mistake(
        "A18",
        "two use cases never become the same name",
        elsewhere(
            'use_cases/flat_rents.yaml: (file): "flat_rents"',
            (
                Copy(RENTS, "use_cases/flat-rents"),
                Copy(RENTS, "use_cases/flat_rents"),
                Set(DEV, "use_cases.flat-rents", {"model": "none"}),
            ),
            "becomes the same name as config/use_cases/flat-rents.yaml: flat-rents",
            lines=2,
        ),
    ),
    mistake(
        "A19",
        "two stacks never have the same name, which is composed and not a setting",
        elsewhere(
            'environments/dev.yaml: (file): "dev"',
            another_environment("dev-eu"),
            "its names begin with dev-, those of",
            "none begins with another one's",
        ),
        unknown(DEV, "stack_name", "mlops"),
    ),
    mistake(
        "A20",
        "an environment's name can begin the name of a stack",
        elsewhere(
            'environments/my_dev.yaml: (file): "my_dev"',
            another_environment("my_dev"),
            "rename the file to my-dev.yaml",
        ),
    ),
    mistake(
        "A21",
        "an environment's name leaves room for the names of its stacks",
        elsewhere(
            f"environments/{LONGEST}.yaml: (file): ",
            another_environment(LONGEST, use_cases={}),
            "characters, 63 are allowed",
            "at most 38 characters",
        ),
    ),
    mistake(
        "A32",
        "a person has a persona that exists, and a role is an ARN of a role",
        wrong(DEV, "studio.people.dana.persona", "data-enginer", "did you mean data-engineer?"),
        elsewhere(
            "environments/dev.yaml: studio.people.dana.persona: (missing)",
            (Set(DEV, "studio.people.dana", {}),),
            "is required",
            "data-engineer, data-scientist or mlops-engineer",
        ),
        elsewhere(
            'use_cases/rents.yaml: source.redshift.cluster_role_arn: "arn:aws:iam::1:role/redshift"',
            (
                Set(
                    RENTS, "source.redshift", {**REDSHIFT, "cluster_role_arn": "arn:aws:iam::1:role/redshift"}
                ),
            ),
            "arn:aws:iam::<12 digits>:role/<name>",
        ),
        elsewhere(
            "use_cases/rents.yaml: source.redshift.cluster_role_arn: (missing)",
            (Set(RENTS, "source.redshift", REDSHIFT),),
            "is required",
        ),
        unknown(DEV, f"{DEPLOYMENT}model_role", "arn:aws:iam::111111111111:role/model"),
    ),
    mistake(
        "A33",
        "keys are known and given once, and true is not yes",
        elsewhere(
            'environments/dev.yaml: use_cases.rents.endpoint.instnce_type: "ml.m5.large"',
            (Set(DEV, f"{DEPLOYMENT}endpoint.instnce_type", "ml.m5.large"),),
            "is an unknown key",
            "did you mean instance_type?",
        ),
        wrong(DEV, "termination_protection", "yes", "allowed: true or false"),
        elsewhere(
            'environments/dev.yaml: termination_protection: "no"',
            (Replace(DEV, "termination_protection: false", "termination_protection: no"),),
            "is neither true nor false",
        ),
        elsewhere(
            'environments/dev.yaml: region: "us-east-1"',
            (Replace(DEV, "region: eu-west-1", "region: eu-west-1\nregion: us-east-1"),),
            "the key is given twice, in lines 2 and 3",
        ),
    ),
    mistake(
        "A34",
        "a pipeline definition cannot be broken, because it is generated and no setting",
        unknown(RENTS, "pipeline_definition", "{not JSON"),
        unknown(RENTS, "pipeline_definition", {"Steps": [{"Name": "Train", "Type": "Trainning"}]}),
        unknown(RENTS, "pipeline_definition", {}),
    ),
)
