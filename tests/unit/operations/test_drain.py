"""Drained is when every partition is evaluated up to where it ended at the call."""

from streams.cli.drain import _lagging
from streams.operations.drain import DrainProgress, DrainTarget


def _target(number: int, end: int, start: int = 0) -> DrainTarget:
    return DrainTarget(topic="probes", topic_id="id", partition=number, start=start, end=end)


def test_a_partition_lags_until_its_end_is_evaluated() -> None:
    assert DrainProgress(evaluated={_target(0, 10): 9}).lagging == [_target(0, 10)]
    assert DrainProgress(evaluated={_target(0, 10): 10}).lagging == []
    assert DrainProgress(evaluated={_target(0, 10): 12}).lagging == []


def test_what_is_left_is_summed_and_never_negative() -> None:
    assert DrainProgress(evaluated={_target(0, 10): 4, _target(1, 10): 50, _target(2, 7): 0}).offsets_left == 13


def test_the_line_names_the_lagging_partitions_and_how_many_more() -> None:
    few = DrainProgress(evaluated={_target(1, 1_000): 10, _target(0, 5): 5})
    assert _lagging(few) == "probes/1 at 10 of 1,000"
    many = DrainProgress(evaluated={_target(number, 5): 0 for number in range(8)})
    assert _lagging(many).endswith("probes/4 at 0 of 5 and 3 more")
