"""The page of a full story."""

from pathlib import Path

from tools.rehearse.full.record import Record


def write_page(record: Record, file: Path) -> None:
    import pickle

    file.with_suffix(".pickle").write_bytes(pickle.dumps(record))
