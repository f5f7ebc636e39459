"""Records as nobody sends them: an example's fields redrawn, its text cut, doubled and overwritten; all from a seed."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from random import Random
from typing import Any, Final

from schemas.decoding import RECORDS

_LARGEST_EXAMPLE: Final = 4_096
"""Larger ones take all the time; their kind is made by mutations."""
_EXAMPLES: Final = Path(str(files("schemas"))) / "examples"
_FOLDERS: Final = {
    "api.requests": "api_request",
    "carrier.receipts": "carrier_receipt",
    "probes": "probe",
    "sla.declarations": "declaration",
    "telemetry.manifests": "manifest",
    "accounts": "account",
    "support.tickets": "ticket_event",
    "whatsapp.templates": "template_event",
    "sla.claims": "claim",
}


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_NUMBERS: Final = _words(
    "0 -0 1 -1 01 +1 1. .5 1.0 1e0 1E+2 1e400 -1e400 1e-400 99 100 200 599 600 65535 65536 4294967295 4294967296 "
    "9007199254740991 9007199254740992 9223372036854775807 9223372036854775808 18446744073709551615 "
    "18446744073709551616 -9223372036854775808 -9223372036854775809 0.1 1e1000000 0x10 1_000 NaN Infinity -Infinity "
    "200.0 2e2 255.0 256 60000 60000.5 0.0009 0.99999999999999999999999999999999999999 1e999999999999999999999 11.0"
)
_INSTANTS: Final = _words(
    "2000-01-01T00:00:00Z 1999-12-31T23:59:59.999Z 2099-12-31T23:59:59.999999999Z 2100-01-01T00:00:00Z "
    "2026-09-01T00:00:60Z 2026-02-29T00:00:00Z 2024-02-29T23:59:59+05:00 2026-09-01T00:00:00.Z 2026-09-01T00:00:00 "
    "2026-09-01T24:00:00Z 2026-09-01t00:00:00z 2026-09-01T00:00:00-00:00 2026-09-01T00:00:00+14:00 "
    "2026-09-01T00:00:00+24:00 2026-09-01T00:00:00.0000000000000000001Z 2099-12-31T23:59:59-23:59 "
    "2000-01-01T00:00:00+23:59 2026-09-01T00:00Z 2026-9-1T00:00:00Z "
    "2026-09-01T05:00:00+0500 2026-09-01T00:00:00-0930 2026-09-01T00:00:00+0500x 2026-09-01T00:00:00.5+2400"
)
_TEXTS: Final = (
    '""', '"*"', '"sms"', '"SMS"', '"sms\\u0000"', '"\\u0073ms"', '"\\ud800"', '"\\ud83d\\ude00"', '"\\udc00\\ud800"',
    '"\u2028"', '"\x7f"', '"\\n\\r\\t"', '"\\x"', '"\\u12"', '"' + "x" * 64 + '"', '"' + "x" * 65 + '"',
    '"' + "\N{SNOWMAN}" * 128 + '"', '"' + "\U0001f600" * 64 + '"', '"' + "y" * 129 + '"', '"true"', '"0"', '"a" "b"',
)  # fmt: skip
_VALUES: Final = ("null", "true", "false", "[]", "{}", "[[]]", '{"a":1}', '["*","sms"]', '["sms","sms"]', "nul", "")
_PIECES: Final = (
    b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"\x00", b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xc3",
    b" ", b"\n", b"\t", b"\x0b", b"\xc2\xa0", b"/**/", b"//", b"'", b"\x1b[31m", b"\xf4\x90\x80\x80", b"1e400", b"-",
)  # fmt: skip
_AGAIN: Final = 0.3
_DEEP: Final = (510, 511, 512, 513, 600, 1_025)
_LENGTHS: Final = (65_535, 65_536, 65_537, 70_000)

Mutation = Callable[[Random, bytes], bytes | None]


def examples(topic: str) -> list[dict[str, Any]]:
    """The examples of a topic's records that are objects, valid ones and others."""
    found = []
    for path in sorted((_EXAMPLES / _FOLDERS[topic]).rglob("*.json")):
        try:
            value = json.loads(path.read_bytes())
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict) and path.stat().st_size <= _LARGEST_EXAMPLE:
            found.append(value)
    return found


def mutated(topic: str, seed: int, count: int) -> Iterator[bytes | None]:
    """So many values of a topic, the same for the same seed."""
    random = Random(f"{topic}/{seed}")
    known = examples(topic)
    names = sorted(RECORDS[topic].__struct_fields__)
    for _ in range(count):
        fields = _fields(random, known, names)
        value: bytes | None = _text(random, fields)
        while value is not None and random.random() < _AGAIN:
            value = random.choice(_MUTATIONS)(random, value)
        yield value


def bent(random: Random, content: bytes) -> bytes:
    """Any bytes, most of them as they were: cut, overwritten, doubled here and there."""
    while random.random() < _AGAIN:
        content = random.choice(_COMMON)(random, content) or b""
    return content


def _fields(random: Random, known: Sequence[Mapping[str, Any]], names: Sequence[str]) -> list[tuple[str, str]]:
    """Names and the JSON of their values; some redrawn, left out, doubled or in another order."""
    fields = [(name, json.dumps(value, ensure_ascii=False)) for name, value in random.choice(known).items()]
    for _ in range(random.choice((0, 0, 1, 1, 2, 3))):
        name = random.choice(names)
        fields = [pair for pair in fields if pair[0] != name or random.random() < 0.1]
        if random.random() < 0.9:
            fields.insert(random.randint(0, len(fields)), (name, _drawn(random, known, name)))
    if random.random() < 0.1:
        fields.append((random.choice(("odd", "Time", "", "\u0130d")), random.choice((*_NUMBERS, *_TEXTS, *_VALUES))))
    return fields


def _drawn(random: Random, known: Sequence[Mapping[str, Any]], name: str) -> str:
    match random.randrange(6):
        case 0:
            return random.choice(_NUMBERS)
        case 1:
            return f'"{random.choice(_INSTANTS)}"'
        case 2:
            return random.choice(_TEXTS)
        case 3:
            return random.choice(_VALUES)
        case _:
            # another example's: a record that is likely to be valid
            return json.dumps(random.choice(known).get(name), ensure_ascii=False)


def _text(random: Random, fields: Sequence[tuple[str, str]]) -> bytes:
    comma, colon = random.choice(((",", ":"), (",", ":"), (", ", ": "), ("\n,\t", " : ")))
    return ("{" + comma.join(f'"{name}"{colon}{value}' for name, value in fields) + "}").encode(errors="surrogatepass")


def _cut(random: Random, value: bytes) -> bytes:
    return value[: random.randint(0, len(value))]


def _inserted(random: Random, value: bytes) -> bytes:
    at = random.randint(0, len(value))
    return value[:at] + random.choice(_PIECES) + value[at:]


def _overwritten(random: Random, value: bytes) -> bytes:
    if not value:
        return value
    at = random.randrange(len(value))
    return value[:at] + bytes([random.randrange(256)]) + value[at + 1 :]


def _removed(random: Random, value: bytes) -> bytes:
    at = random.randint(0, len(value))
    return value[:at] + value[at + random.choice((1, 1, 2, 8)) :]


def _repeated(random: Random, value: bytes) -> bytes:
    first = random.randint(0, len(value))
    return value + value[first : first + random.choice((1, 5, 40))]


def _wrapped(random: Random, value: bytes) -> bytes:
    return random.choice((b"[%b]", b"\xef\xbb\xbf%b", b" %b\n", b"%b\x00", b'{"a":%b}', b"%b%b"[:2])) % value


def _deep(random: Random, value: bytes) -> bytes:
    levels = random.choice(_DEEP)
    return value[:-1] + b',"deep":' + b"[" * levels + b"]" * levels + b"}"


def _long(random: Random, value: bytes) -> bytes:
    missing = random.choice(_LENGTHS) - len(value) - len(b',"note":""')
    return value[:-1] + b',"note":"' + b"x" * max(0, missing) + b'"}'


def _nothing(random: Random, _value: bytes) -> bytes | None:
    return random.choice((None, b"", b"null", b"[]", b'"', b"0"))


_RARE: Final[tuple[Mutation, ...]] = (_deep, _long, _nothing)
_COMMON: Final[tuple[Mutation, ...]] = (_cut, _inserted, _overwritten, _removed, _repeated, _wrapped)
_MUTATIONS: Final[tuple[Mutation, ...]] = (*_COMMON * 20, *_RARE)
