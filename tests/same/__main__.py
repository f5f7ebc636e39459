"""`python -m tests.same --before DIR`: the same records through another checkout and through this one.

Each checkout runs its own program on a stack of its own. Compared are

    live      what both say of the same records, sent to a broker each
    upgraded  what this one says of the stack that the other one left behind, whole
    restored  what both make of the other one's archives, with the broker's stamps as they were

to the byte, but for why a month is incomplete. Returns 0 if all is the same. `--keep DIR` keeps archives and answers of
the checkout before: tests/same/archives and tests/same/expected were made so; tests/same/first_edition
holds what the same records left of 0.1.0.
"""

import argparse
import difflib
import itertools
import json
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from schemas.reference import input_topics
from streams.clickhouse.client import connect
from streams.statements.log import STATEMENTS
from tests.same.answers import MONTHS, plain_answers, shortened, stamped_answers
from tests.same.checkout import CheckoutStack

_HERE: Final = Path(__file__).parents[2]
_DATED: Final = re.compile(r'"(answered_at|recorded_at)": "[^"]*"')
_WIDTH: Final = 200
_MOST_LINES: Final = 30
_RECORDS: Final = _HERE / "tests/months"
_BY_HAND: Final = ("api.requests", "carrier.receipts", "sla.declarations", "sla.claims")
_AFTERWARDS: Final = "2026-02"
_SIMULATED: Final = ("--seed", "7", "--from", "2026-03-01T00:00:00+05:00", "--days", "1", "--records", "2500")

Answers = Mapping[str, str]


def main() -> int:
    """Compare; print every answer that differs."""
    arguments = _parse()
    with tempfile.TemporaryDirectory(prefix="same-") as name:
        differing = _compare(arguments.before, Path(name), arguments.keep)
    sys.stdout.write(f"{differing} answers differ\n" if differing else "all answers are the same\n")
    return 1 if differing else 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.same", description=__doc__)
    parser.add_argument("--before", type=Path, required=True, help="another checkout, with its .venv")
    parser.add_argument("--keep", type=Path, help="a directory for the archives and answers of that checkout")
    return parser.parse_args()


def _compare(before: Path, folder: Path, keep: Path | None) -> int:
    archives = folder / "archives"
    archives.mkdir()
    with CheckoutStack(before, folder / "before") as stack:
        _send(stack)
        left = {**_plain(stack), **dict(stamped_answers(stack.ask, folder))}
        _dump(stack, archives)
    with CheckoutStack(_HERE, folder / "before") as stack:
        upgraded = {**_plain(stack), **dict(stamped_answers(stack.ask, folder))}
    with CheckoutStack(_HERE, folder / "after") as stack:
        _send(stack)
        live = _plain(stack)
    of_before, of_this = (_restored(checkout, folder, archives) for checkout in (before, _HERE))
    if keep:
        _keep(keep, archives, of_before)
    return (
        _print("live", *({name: _undated(each[name]) for name in live} for each in (left, live)))
        + _print("upgraded", left, upgraded)
        + _print("restored", of_before, of_this)
    )


def _send(stack: CheckoutStack) -> None:
    """All records to the broker, every month closed, every claim decided; then what comes too late, and once more."""
    stack.ask("produce", "accounts", _RECORDS / "accounts.ndjson")
    for topic in _BY_HAND:
        stack.ask("produce", topic, *sorted(_RECORDS.glob(f"20*/{topic}.ndjson")))
    stack.ask("simulate", *_SIMULATED)
    _decide(stack)
    stack.ask("produce", "api.requests", _RECORDS / _AFTERWARDS / "afterwards/api.requests.ndjson")
    _decide(stack)


def _decide(stack: CheckoutStack) -> None:
    stack.ask("drain", "--timeout", "120")
    for month in MONTHS:
        stack.ask("close", month)
    stack.ask("claims", "decide")


def _plain(stack: CheckoutStack) -> Answers:
    with connect(stack.settings()) as client:
        return dict(plain_answers(stack.ask, client))


def _dump(stack: CheckoutStack, archives: Path) -> None:
    for topic in (*(one.name for one in input_topics()), STATEMENTS):
        stack.ask("dump", topic, "-o", archives / f"{topic}.ndjson.gz")


def _restored(checkout: Path, folder: Path, archives: Path) -> Answers:
    data = folder / "restored"
    with CheckoutStack(checkout, data) as stack:
        stack.ask("restore", archives)
        stamped = dict(stamped_answers(stack.ask, folder))
        answers = {**stamped, **_plain(stack)}
    shutil.rmtree(data)
    return answers


def _undated(answer: str) -> str:
    """An answer without when a claimant was told and records came: two checkouts are sent to one after the other."""
    return _DATED.sub(r'"\1": "then"', answer)


def _keep(folder: Path, archives: Path, answers: Answers) -> None:
    shutil.copytree(archives, folder / "archives", dirs_exist_ok=True)
    (folder / "expected").mkdir(exist_ok=True)
    (folder / "expected/answers.json").write_text(json.dumps(shortened(answers), indent=1, sort_keys=True) + "\n")


def _print(path: str, before: Answers, after: Answers) -> int:
    """Say of each answer whether it is the same; returns how many are not."""
    differing = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    for name in before:
        size = len(before[name].encode())
        sys.stdout.write(f"{path:9} {name:24} {size:9,} bytes  {'DIFFERS' if name in differing else 'same'}\n")
    for name in differing:
        sys.stdout.writelines(_lines(before.get(name, ""), after.get(name, "")))
    return len(differing)


def _lines(before: str, after: str) -> Iterator[str]:
    compared = difflib.unified_diff(before.splitlines(), after.splitlines(), "before", "after", lineterm="", n=1)
    return (f"    {line[:_WIDTH]}\n" for line in itertools.islice(compared, _MOST_LINES))


if __name__ == "__main__":
    sys.exit(main())
