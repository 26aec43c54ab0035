"""Where things lie in S3: rights to one zone are none to another."""

from stacks.parts.layout import Bucket, Layout, Zone


def test_no_environments_endpoints_are_called_like_another_zone_of_the_capture_bucket() -> None:
    """What they capture is in folders that begin with `<prefix>-`, whatever the prefix is."""
    capture = Bucket.named("capture")
    layout = Layout(data=Bucket.named("data"), artifacts=Bucket.named("artifacts"), capture=capture)
    others = [zone for zone in vars(layout).values() if isinstance(zone, Zone) and zone.bucket == capture]
    assert len(others) == 5
    assert not [zone for zone in others if "-" in zone.prefix]
    assert layout.captured("dev-*").objects == "arn:aws:s3:::capture/dev-*/*"
