"""The page `reference/exactness.md`, from the results that runs have gathered in `tests/results/exactness`."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from tests.chaos.controls import CONTROLS as CHAOS_CONTROLS
from tests.docs_pages.places import EXACTNESS
from tests.simulation.controls import CONTROLS
from tests.simulation.regressions import regressions

_ANY_TIME: Final = ("", "any time")
_AGREED: Final = "agreed"
_NOT_COUNTED: Final = "not counted"
_OUTCOME_CHARS: Final = 240
# Results keep the names that faults had when they were written.
_NAMES_NOW: Final[Mapping[str, str]] = {
    "ask earlier lives": "ask earlier incarnations",
    "publish letters": "publish dead letters",
    "ask what they owe": "ask what they left pending",
    "record in the ledger that was gone before a block told of it": "record in the ledger, gone before its block",
    "worker told to stop": "worker asked to stop",
}

_HEAD: Final = """\
# Exactness

What was done to prove that a month survives faults unchanged, how often each fault struck and where, and the commands
that do it again. The rules are [the contract](contract.md); why the design holds is in
[architecture](../explanation/architecture.md). Figures belong to the product whose digest is beside them: SHA-256
over the names and bytes of everything below `streams/`, `schemas/` and `sql/`, which

    python -c "from tests.product import product_digest; print(product_digest())"

prints for a checkout. The results are in [tests/results/exactness](../../tests/results/exactness): every run on real
parts, with what proves its faults, and the sums of all seeds. All are from before 0.2.0, which gave files and names
their present places and changed no rule.
"""

_CLAIMS: Final = (
    (
        "whatever happens, the minutes are those that an independent auditor counts",
        "seeds on a virtual clock, below",
        "make soak SEEDS=20000",
    ),
    ("the same on real parts", "runs with a real broker, engine and workers, below", "make chaos RUNS=100"),
    (
        "a harness that finds nothing can find something",
        "faults put into the program on purpose, below",
        "pytest tests/simulation/test_controls.py",
    ),
    (
        "permuted, duplicated or replayed records leave a month's digest as it is; one more or one less does not",
        "property tests",
        "pytest tests/property/test_digest.py",
    ),
    (
        "what truly was lies within the bounds; with nothing missing, pending or unknown they have no width",
        "property tests",
        "pytest tests/property/test_truth_within_bounds.py",
    ),
    (
        "nobody gains unlisted: records that go, corrections, declarations, longer outages and silences (H1)",
        "random spans of two to twelve hours and whole months, one random change each, below",
        "python -m tests.fairness --spans 100000 --months 300 --processes 2",
    ),
    (
        "judge and auditor say the same of every field",
        "random spans of two to twelve hours and whole months, below",
        "python -m tests.agreement --spans 100000 --months 300",
    ),
    (
        "a month as of an instant is the plain month of what was known before it",
        "at cuts drawn at random, on the engine",
        "pytest tests/sql/test_as_of.py",
    ),
    (
        "a closed month never changes; what comes late amends it, exactly",
        "on the whole stack: two closers at once, one killed between its steps",
        "pytest tests/e2e/test_closing.py",
    ),
    (
        "a rebuild from archives, or from Kafka, gives the same statement bytes",
        "on the whole stack",
        "pytest tests/e2e/test_closing.py",
    ),
    (
        "evidence recomputes, and what was tampered with is named",
        "on the whole stack",
        "pytest tests/e2e/test_evidence.py",
    ),
)

_RULES: Final = """
## Random spans

The rules are pure, so these runs need no broker and no engine, only time. With `--out` and a file they go on where the
file ends, for as long as the rules are the same: the digest is of everything below `streams/rules` and `streams/audit`.
This table's file is `tests/results/exactness/rules.json`. Excepted are the ways in which the contract's own text lets a
change pay, at the end of this page.
"""

_SIMULATED: Final = """
## Simulated seeds

The ledger itself, its decoder and its sink run on a log, a group, a database and a clock that a seed draws, in one
thread; the auditor judges each seed's end, and a watch every step on the way there: nothing committed that is not
stored, no frontier beyond what was read, no minute final that changes. A share of the seeds runs the real SQL on the
real engine, every answer of which is held against the database in memory.
"""

_CHAOS: Final = """
## Runs on real parts

Each run sends at least 100,000 records while its faults strike; each fault is proven to have struck (a mark that the
dying worker left, a process state, a half-written part on disk) or the run does not count. Then `zecto-sla audit` must
agree, the simulator's own truth too where it knows it, every offset must be covered, nothing may be pending, and
`sla.minutes` must equal what ClickHouse has. The disk that is filled was a tmpfs in the first eight of these runs, and
is ext4 in the others and from now on.
"""

_OPEN: Final = """
## Known, and left open

- By the contract's own text taking away records that manifests count can pay in four ways (H1), which the program
  keeps apart and counts. A silence of a service in its first week is measured by the hour before it, which holds less
  when the silence begins earlier (B2). Below 14 days one busy image suffices for the first 24 hours of a silence, and
  these end earlier when an outage just before becomes part of it (B2). A missing record makes a service older, one that
  is there and not valid does not, so a service can pass 14 days by the loss of one (B2): found by seed 33022. And where
  a source's dead letters outnumber what its manifest misses, a record that goes as well adds nothing (B3).
- A worker may die between its records and their `blocks` row, and those records may be gone from Kafka before anybody
  reads them again. Their offsets are recorded as lost, with the minutes of that time blind (B3), although the ledger
  has them and they count: more is called blind than is. An auditor who reads from Kafka alone cannot see them, and
  names the minutes; the archives of `dump` have them.
- A full disk made the embedded engine (chdb 26.9) take merges for done whose files were cut short, and drop what they
  were made from: seeds 2027 and 2040 on tmpfs, 3171 on ext4, of products before `81eb84e5d1927d3b`. It keeps what was
  merged for eight minutes now, finds such a part within two seconds or when a question hits it, and goes back to its
  sources ([decision](../decisions/0025-the-embedded-engine-undoes-a-truncated-merge.md)); every run with a full disk
  since agrees, these seeds too. Where the sources are gone as well, questions fail, `close` refuses the month, and
  `doctor` says that the ledger has to be rebuilt.
- Two runs (seeds 3111, 3163) ended for a fault of the harness: it killed the engine a second time before every worker
  had it back, and waited for a word that a worker does not say twice. It waits for that now; both seeds agree with it.
- Three runs of `296833f0382abec8` ended for faults of the harness. The disk of seeds 6018 and 6044 had 64 MB, which the
  engine, on a machine busy with other work, filled by itself with what it keeps for eight minutes after a merge:
  workers waited for room, and no month was wrong. Seed 6030 asked about a topic made anew before the broker listed it.
  The disk has 256 MB now, and the harness waits for the listing; all three seeds agree with that.
- Of that product a stop of the embedded engine goes unheard where the signal reaches another thread than the main one
  while it waits: 6 of 300 stops with a question under way. It is killed after a minute, which no number minds.
- Of the seeds of product `81eb84e5d1927d3b` three failed. 4656 and 13451 are faults of the harness, described among the
  regressions. 19649 is one of the product: a worker that died between counting and publishing a minute of records that
  no block names left `sla.minutes` without it, while ClickHouse had it. Such minutes are pending until they are
  published now ([decision](../decisions/0019-every-record-in-the-ledger-counts-even-without-a-block.md)); the seeds of
  `cc9169dd4b742202` include that.
- The expiry of months is not simulated; `tests/e2e/test_on_call.py` holds it to the whole stack.
- A declared outage of a third party excludes a minute in all three verdicts (B4). Where records of that very minute
  were lost, and were failures of ours, the truth may lie outside the bounds: the wording of the contract, which the
  test of the bounds leaves out.
"""

_AUDIT: Final = """
## What an audit takes

`python -m tests.bench.audit --records 1000000`, on two cores that broker, engine and worker share.
"""

_CONTROLS: Final = """
## Negative controls

Each is the product with one thing replaced by what is known to be wrong. The same harness fails with it, at the seed
given here, and passes with the product as it is.
"""


def exactness_page() -> str:
    """The whole page."""
    return "".join(
        [
            _HEAD,
            _table(
                ("claim", "how it is tested", "repeat it"), [(*claim, f"`{command}`") for *claim, command in _CLAIMS]
            ),
            _RULES,
            *_rules_section(_read("rules.json", {})),
            _SIMULATED,
            *_soak_section(_read("soak.json", {})),
            _CHAOS,
            *_chaos_section(_read("chaos.json", [])),
            _CONTROLS,
            *_control_section(),
            *_speed_section(_read("audit.json", {})),
            _OPEN,
        ]
    )


def _read(name: str, nothing: Any) -> Any:  # noqa: ANN401  as the file has it
    path = EXACTNESS / name
    return json.loads(path.read_text("utf-8")) if path.is_file() else nothing


def _rules_section(book: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Iterable[str]:
    rows = [
        (
            *(f"`{rules[:16]}`", name, f"{run['seeds']:,}"),
            *(f"{sum(number for key, number in run['counts'].items() if key.startswith('excepted')):,}",),
            *(f"{len(run['broken']):,}", f"{run['seconds']:,}"),
        )
        for rules, runs in book.items()
        for name, run in sorted(runs.items())
    ]
    yield _table(("rules", "run", "seeds, from 0", "excepted", "broken", "seconds"), rows)


def _soak_section(book: Mapping[str, Sequence[Mapping[str, Any]]]) -> Iterable[str]:
    rows = []
    fired: Counter[tuple[str, str]] = Counter()
    for product, runs in book.items():
        for engine in ("in memory", "real"):
            chosen = [run for run in runs if run["engine"] == engine]
            if chosen:
                rows.append(_soak_row(product, engine, chosen))
        for run in runs:
            for fault, steps in run["fired"].items():
                fired.update({(_now(fault), _now(step)): times for step, times in steps.items()})
    yield _table(("product", "database", "seeds", "records", "differences", "seconds"), rows)
    yield "\nSeeds that ever failed are run again by every `make test`; what they found:\n"
    yield _table(("seed", "found"), [(str(one.seed), one.found) for one in regressions()])
    yield from _fired_table(fired)


def _soak_row(product: str, engine: str, runs: Sequence[Mapping[str, Any]]) -> Sequence[str]:
    failures = sum(len(run["failures"]) for run in runs)
    seeds, records, seconds = (sum(run[name] for run in runs) for name in ("seeds", "records", "seconds"))
    return (f"`{product[:16]}`", engine, f"{seeds:,}", f"{records:,}", f"{failures:,}", f"{seconds:,}")


def _chaos_section(entries: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    plain = [entry for entry in entries if not entry["control"]]
    counted = [entry for entry in plain if not entry["outcome"].startswith(_NOT_COUNTED)]
    rows = [
        _chaos_row(product, kind, [e for e in plain if (e["product"], e["kind"]) == (product, kind)])
        for product in dict.fromkeys(entry["product"] for entry in plain)
        for kind in sorted({entry["kind"] for entry in plain if entry["product"] == product})
    ]
    total = _chaos_row("", "all", plain) if plain else ()
    heads = ("product", "faults", "runs", "not counted", "did not agree", "records", "seconds")
    yield _table(heads, [*rows, total] if total else rows)
    others = [(str(entry["seed"]), entry["kind"], _shortened(entry["outcome"])) for entry in plain if _differs(entry)]
    if others:
        yield "\nThose that did not agree, in the words of what stopped; what is known of them is below:\n"
        yield _table(("seed", "faults", "what came of it"), others)
    yield from _fired_table(
        Counter((_now(fault["fault"]), _now(fault["step"])) for entry in counted for fault in entry["faults"])
    )


def _differs(entry: Mapping[str, Any]) -> bool:
    outcome: str = entry["outcome"]
    return outcome != _AGREED and not outcome.startswith(_NOT_COUNTED)


def _shortened(outcome: str) -> str:
    return f"{outcome[:_OUTCOME_CHARS]}…" if len(outcome) > _OUTCOME_CHARS else outcome


def _chaos_row(product: str, kind: str, entries: Sequence[Mapping[str, Any]]) -> Sequence[str]:
    counted = [entry for entry in entries if not entry["outcome"].startswith(_NOT_COUNTED)]
    differ = sum(map(_differs, counted))
    records, seconds = (sum(entry[name] for entry in counted) for name in ("records", "seconds"))
    numbers = (len(counted), len(entries) - len(counted), differ, records, round(seconds))
    return (f"`{product[:16]}`" if product else "", kind, *(f"{number:,}" for number in numbers))


def _control_section() -> Iterable[str]:
    simulated = [
        (control.name, control.rule, "simulation" + (", real engine" if control.on_engine else ""), str(control.seed))
        for control in CONTROLS
    ]
    runs = [e for e in _read("chaos.json", []) if e["control"] and e["outcome"].startswith("failed")]
    seeds = {name: next((str(run["seed"]) for run in runs if run["control"] == name), "") for name in CHAOS_CONTROLS}
    real = [
        (name.replace("-", " "), f"a worker killed at `{place}`", f"`make chaos CHAOS_ARGS='--control {name}'`", seed)
        for (name, (_, place)), seed in zip(CHAOS_CONTROLS.items(), seeds.values(), strict=True)
    ]
    yield _table(("what is wrong", "against", "harness", "seed"), [*simulated, *real])


def _speed_section(audit: Mapping[str, Any]) -> Iterable[str]:
    if audit:
        yield _AUDIT
        yield _table(("what", "figure"), [(name.replace("_", " "), f"{value:,}") for name, value in audit.items()])


def _fired_table(fired: Counter[tuple[str, str]]) -> Iterable[str]:
    """What struck at a step as a grid of steps and faults; then what struck at any time, as a list."""
    stepwise = {(fault, step): times for (fault, step), times in fired.items() if step not in _ANY_TIME}
    faults = sorted({fault for fault, _ in stepwise})
    steps = sorted({step for _, step in stepwise})
    grid = [(step, *(_count(stepwise.get((fault, step), 0)) for fault in faults)) for step in steps]
    yield _table(("at the step", *faults), grid) if grid else ""
    whenever = Counter({fault: times for (fault, step), times in fired.items() if step in _ANY_TIME})
    yield _table(("at any time", "struck"), [(fault, f"{times:,}") for fault, times in sorted(whenever.items())])


def _now(name: str) -> str:
    return _NAMES_NOW.get(name, name)


def _count(times: int) -> str:
    return f"{times:,}" if times else ""


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n" + "".join(f"| {' | '.join(line)} |\n" for line in lines)
