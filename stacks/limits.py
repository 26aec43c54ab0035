"""What AWS takes in one template and in one property, checked before anything is deployed.

Limits that AWS raises on request are no concern of synthesis: `make doctor` asks the account for those.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from config.mistakes.errors import Mistake
from config.settings import ConfigurationError

# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
MOST_BYTES = 1_000_000
MOST_IN_SECTION = {"Resources": 500, "Parameters": 200, "Outputs": 200}
MOST_CHARACTERS = {
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    ("AWS::IAM::ManagedPolicy", "PolicyDocument"): 6_144,
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html
    ("AWS::S3::BucketPolicy", "PolicyDocument"): 20_480,
    # https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html
    ("AWS::KMS::Key", "KeyPolicy"): 32_768,
    # https://docs.aws.amazon.com/general/latest/gr/ssm.html
    ("AWS::SSM::Parameter", "Value"): 4_096,
}
"""Without white space, which no service counts that counts characters."""
_UNKNOWN = "arn:aws:kms:ap-southeast-1:123456789012:key/12345678-1234-1234-1234-123456789012"
"""As long as what CloudFormation fills in gets."""
_CHANGE = "fewer use cases or options in this environment, or a second environment"


def check_limits(assembly: Path) -> None:
    """Raise ConfigurationError for all that is larger than AWS takes, of all templates of an assembly."""
    mistakes = [mistake for path in sorted(assembly.rglob("*.template.json")) for mistake in _too_large(path)]
    if mistakes:
        raise ConfigurationError(mistakes)


def _too_large(path: Path) -> Iterator[Mistake]:
    written = path.read_bytes()
    template = json.loads(written)
    file = path.name

    def mistake(where: tuple[str, ...], size: int, most: int, unit: str) -> Iterator[Mistake]:
        if size > most:
            problem = "is more than AWS takes"
            yield Mistake(where, size, problem, f"at most {most:,} {unit}", _CHANGE, file)

    yield from mistake((), len(written), MOST_BYTES, "bytes")
    for section, most in MOST_IN_SECTION.items():
        yield from mistake((section,), len(template.get(section, ())), most, section.lower())
    for logical_id, resource in template.get("Resources", {}).items():
        properties = resource.get("Properties", {})
        for (kind, name), most in MOST_CHARACTERS.items():
            if resource["Type"] == kind and name in properties:
                value = _filled_in(properties[name])
                yield from mistake((logical_id, name), len(value), _most(most, properties), "characters")


def _most(most: int, properties: Mapping[str, Any]) -> int:
    """Parameters of the other tiers hold twice as much; nothing else here has tiers."""
    return most if properties.get("Tier", "Standard") == "Standard" else 2 * most


def _filled_in(value: Any) -> str:
    """A property as the service gets it."""
    value = _known(value)
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def _known(value: Any) -> Any:
    if isinstance(value, list):
        return [_known(each) for each in value]
    if not isinstance(value, Mapping):
        return value
    if value.keys() == {"Fn::Join"}:
        separator, parts = value["Fn::Join"]
        return separator.join(_known(part) for part in parts)
    if len(value) == 1 and next(iter(value)).startswith(("Ref", "Fn::")):
        return _UNKNOWN
    return {name: _known(each) for name, each in value.items()}
