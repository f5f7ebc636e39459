"""Files that people write or keep: whatever is in them, they are read or refused, never a fault of ours."""

from pathlib import Path

import pytest

from tests.fuzz.data_files import KINDS, read_all

_FILES = 200


@pytest.mark.parametrize("kind", KINDS)
def test_a_bent_file_is_read_or_refused(kind: str, tmp_path: Path) -> None:
    counts, differences = read_all(kind, seed=16, count=_FILES, folder=tmp_path)
    assert differences == []
    # enough of both, or nothing was tried
    assert min(counts["taken"], counts["refused"]) > _FILES // 20


@pytest.mark.deep
@pytest.mark.parametrize("kind", KINDS)
def test_5000_bent_files_are_read_or_refused(kind: str, tmp_path: Path) -> None:
    assert read_all(kind, seed=17, count=5_000, folder=tmp_path)[1] == []
