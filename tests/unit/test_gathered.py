"""Long runs over the rules are gathered in parts."""

from pathlib import Path

from tests.gathered import gather, seeds_done


def test_a_run_goes_on_where_its_file_ends(tmp_path: Path) -> None:
    file = tmp_path / "rules.json"
    assert seeds_done(file, "fairness: spans") == 0
    gather(file, "fairness: spans", seeds=1000, seconds=10, counts={"silence longer": 3}, broken=[])
    gather(file, "fairness: spans", seeds=500, seconds=5, counts={"silence longer": 1}, broken=["seed 1200"])
    assert seeds_done(file, "fairness: spans") == 1500
    assert seeds_done(file, "fairness: months") == 0
    assert '"silence longer": 4' in file.read_text("utf-8")
    assert '"seed 1200"' in file.read_text("utf-8")


def test_results_of_other_rules_are_kept_and_do_not_count(tmp_path: Path) -> None:
    file = tmp_path / "rules.json"
    file.write_text('{"other rules": {"fairness: spans": {"seeds": 7}}}', "utf-8")
    assert seeds_done(file, "fairness: spans") == 0
    gather(file, "fairness: spans", seeds=1, seconds=1, counts={}, broken=[])
    assert '"other rules"' in file.read_text("utf-8")
