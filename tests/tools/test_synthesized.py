"""What the tools read of an environment that is synthesized."""

from pathlib import Path

import pytest

from config.settings import Settings
from stacks.stage import build_app
from tools.synthesized import read_environment


@pytest.mark.parametrize(("region", "copies"), [("us-east-1", "us-west-2"), ("us-west-2", "us-east-1")])
def test_an_environment_is_where_it_works_and_not_where_its_copies_are(
    sample_settings: Settings, tmp_path: Path, region: str, copies: str
) -> None:
    production = sample_settings.environments[1]
    zones = {"availability_zones": (f"{region}a", f"{region}b")}
    changed = {
        "region": region,
        "replication_region": copies,
        "network": production.network.model_copy(update=zones),
    }
    environments = (production.model_copy(update=changed),)
    build_app(sample_settings.model_copy(update={"environments": environments}), str(tmp_path)).synth()
    read = read_environment(tmp_path / f"assembly-{production.name}")
    assert (read.region, read.account) == (region, production.account)
    assert read.regions == sorted([region, copies])
