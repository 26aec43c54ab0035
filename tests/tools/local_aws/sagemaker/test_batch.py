"""Logs, metrics and captured requests are collected for a moment, and never for long."""

from tools.local_aws.sagemaker.batch import Batch


def test_who_adds_faster_than_is_sent_waits() -> None:
    sent: list[list[int]] = []
    batch = Batch(sent.append, 3600)
    for number in range(4500):
        batch.add(number)
    assert [len(items) for items in sent] == [2000, 2000]
    batch.flush()
    assert [number for items in sent for number in items] == list(range(4500))
