"""Policies, code tables, holiday files and archives as nobody writes them: read, or refused by their own errors.

What a reader may raise stands beside it. Whatever else it raises ends this; where the auditor reads the same kind of
file, the two must take the same ones and read the same in them.
"""

import gzip
import json
from collections import Counter
from collections.abc import Callable, Mapping
from importlib.resources import files
from pathlib import Path
from random import Random
from typing import Any, Final, NamedTuple

from schemas.codes import ALWAYS_MS, CodeTableError, parse_code_table
from schemas.holidays import HolidaysError, parse_changes, public_holidays
from schemas.policies import Policy, PolicyError, parse_policy
from schemas.policy_changes import order_policies
from schemas.reference import policies
from streams.audit import codes as audited_codes
from streams.audit import policy as audited_policy
from streams.audit.reading import read_archive
from streams.core.errors import ZectoError
from streams.kafka.archive import ArchivedRecord, bytes_of
from streams.operations.archives import read_archives
from tests.fuzz.mutating import bent

_TOPIC: Final = "api.requests"
_WORDS: Final = (
    '""', "0", "-1", "1e400", "9223372036854775808", "1.5", "true", "nan", '"1h"', '"366d"', '"367d"', '"0s"', '"-1m"',
    '"9999999999999999d"', '"99.9"', '"100.1"', '"1e-99999"', '"XX"', '"PK"', '"Asia/Karachi"', '"../../etc"', '"UTC"',
    '"2026-01-01T00:00:00Z"', '"0001-01-01T00:00:00+14:00"', "2026-01-01", "[]", "{}", "[[[]]]", "[" * 2_000, '"""',
)  # fmt: skip
_CELLS: Final = (
    "", '"', "platform", "nobody", "2026-02-30", "2026-01-01T00:00:00Z", "1999-01-01", "holiday", "workday", "\x00",
    "\x1b[2J", "\u202e", "x" * 200_000, "9" * 400, "a,b", '"a\nb"', "\N{SNOWMAN}",
)  # fmt: skip


class Difference(NamedTuple):
    """A file that the auditor reads otherwise."""

    content: bytes
    ours: object
    auditors: object


Reader = Callable[[bytes, Path], object]
_REFUSED: Final = "refused"
_ANY: Final = "not judged"


def policy(random: Random) -> bytes:
    """A later policy than ours: values redrawn, lines taken away, doubled and put in, bytes bent."""
    text = _shipped("policies", random).decode()
    lines = text.replace('"zecto-', '"made-').replace('"2025-11-17', '"2026-11-17', 1).split("\n")
    for _ in range(random.choice((0, 1, 1, 2))):
        at = random.randrange(len(lines))
        name, equals, value = lines[at].partition(" = ")
        match random.randrange(5):
            case 0:
                del lines[at]
            case 1:
                lines.insert(random.randrange(len(lines)), lines[at])
            case _ if equals:
                lines[at] = f"{name} = {random.choice((*_WORDS, value.replace('1', '7'), value + value))}"
            case _:
                lines.insert(at, f"[{random.choice(_WORDS)}]")
    return bent(random, "\n".join(lines).encode())


def table(folder: str) -> Callable[[Random], bytes]:
    """A table of this version, with its cells redrawn and its lines mixed up."""

    def draw(random: Random) -> bytes:
        rows = [line.split(",") for line in _shipped(folder, random).decode().splitlines()[:40]]
        for _ in range(random.choice((0, 1, 1, 2))):
            row = random.choice(rows)
            match random.randrange(4):
                case 0:
                    rows.insert(random.randrange(len(rows)), row)
                case 1:
                    row.append(random.choice(_CELLS))
                case _:
                    row[random.randrange(len(row))] = random.choice(_CELLS)
        return bent(random, (random.choice(("\n", "\r\n")).join(map(",".join, rows)) + "\n").encode())

    return draw


def archive(random: Random) -> bytes:
    """Lines of an archive with fields redrawn; then the packed bytes bent, at times."""
    lines = []
    for offset in range(random.randrange(5)):
        fields: dict[str, Any] = {"topic": _TOPIC, "partition": 0, "offset": offset, "timestamp_ms": 1_788_264_000_000}
        fields |= {"key": None, "value": "{}", "headers": [["a", {"base64": "AA=="}]]}
        if random.random() < 0.3:
            odd: tuple[Any, ...] = (
                -1,
                2**63,
                1.0,
                None,
                "x",
                [],
                {"base64": "?"},
                {"base64": "AAA"},
                {"base64": ""},
                "\ud800",
                True,
            )
            fields[random.choice(list(fields))] = random.choice(odd)
        line = json.dumps(fields).encode()
        lines.append(bent(random, line) if random.random() < 0.2 else line)
    packed = gzip.compress(b"\n".join(lines) + b"\n", 1, mtime=0)
    return bent(random, packed) if random.random() < 0.2 else packed


def _shipped(folder: str, random: Random) -> bytes:
    found = sorted((files("schemas") / folder).iterdir(), key=lambda entry: entry.name)
    return random.choice([entry for entry in found if entry.name.endswith((".toml", ".csv"))]).read_bytes()


def _text(content: bytes) -> str:
    # As Path.read_text and the packaged files are read: what is no UTF-8 is refused before any of these.
    return content.decode(errors="replace")


def _policy_as_we_read(content: bytes, _: Path) -> object:
    try:
        read = parse_policy(_text(content), "made.toml")
        order_policies([*policies(), read])
    except PolicyError as error:
        # Its order beside ours is not the auditor's to judge.
        return _REFUSED if "made.toml" in str(error) else _ANY
    return _of_policy(read)


def _of_policy(read: Policy) -> object:
    return read.policy_id, read.effective_from_ms, read.zone


def _policy_as_audited(content: bytes, _: Path) -> object:
    try:
        read = audited_policy.parse_policy(_text(content), "made.toml")
    except ZectoError:
        return _REFUSED
    return read.policy_id, read.effective_from_ms, read.zone


def _codes_as_we_read(content: bytes, _: Path) -> object:
    try:
        read = parse_code_table("made", _text(content), "made.csv")
    except CodeTableError:
        return _REFUSED
    return sorted(
        (code, str(party), 0 if since_ms == ALWAYS_MS else since_ms)
        for code, versions in read.rows.items()
        for since_ms, party in versions
    )


def _codes_as_audited(content: bytes, _: Path) -> object:
    try:
        return sorted(audited_codes.parse_table(_text(content), "made.csv"))
    except ZectoError:
        return _REFUSED


def _holidays(content: bytes, _: Path) -> object:
    try:
        changes = parse_changes(_text(content), "made.csv")
        return len(public_holidays("PK", (2026,), changes))
    except HolidaysError:
        return _REFUSED


def _archive_as_we_read(content: bytes, folder: Path) -> object:
    path = folder / f"{_TOPIC}.ndjson.gz"
    path.write_bytes(content)
    try:
        return [_record(read) for read in read_archives(_TOPIC, [path])]
    except ZectoError:
        return _REFUSED


def _record(read: ArchivedRecord) -> object:
    return read.topic, read.partition, read.offset, read.timestamp_ms, bytes_of(read.value)


def _archive_as_audited(_: bytes, folder: Path) -> object:
    try:
        return [tuple(raw)[:5] for raw in read_archive(_TOPIC, folder / f"{_TOPIC}.ndjson.gz")]
    except ZectoError:
        return _REFUSED


class Kind(NamedTuple):
    """How a kind of file is drawn, read by us, and by the auditor where it reads that kind."""

    draw: Callable[[Random], bytes]
    read: Reader
    audited: Reader | None


KINDS: Final[Mapping[str, Kind]] = {
    "policies": Kind(policy, _policy_as_we_read, _policy_as_audited),
    "code tables": Kind(table("codes"), _codes_as_we_read, _codes_as_audited),
    "holiday files": Kind(table("holidays"), _holidays, None),
    "archives": Kind(archive, _archive_as_we_read, _archive_as_audited),
}


def read_all(kind: str, *, seed: int, count: int, folder: Path) -> tuple[Counter[str], list[Difference]]:
    """Draw and read so many files: how many were taken and refused, and those taken that the auditor reads otherwise.

    The auditor judges less: what we refuse it may take, as a file of this version is checked before it is shipped.
    """
    random = Random(f"{kind}/{seed}")
    counts: Counter[str] = Counter()
    differences = []
    for _ in range(count):
        content = KINDS[kind].draw(random)
        ours = KINDS[kind].read(content, folder)
        counts["refused" if ours in (_REFUSED, _ANY) else "taken"] += 1
        audited = KINDS[kind].audited
        if audited and (theirs := audited(content, folder)) != ours and ours not in (_REFUSED, _ANY):
            differences.append(Difference(content, ours, theirs))
    return counts, differences
