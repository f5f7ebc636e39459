"""Command lines as nobody types them: words of the program with arguments that are right, odd or in the wrong place."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Final

_MONTHS: Final = ("2026-09", "2026-13", "1999-12", "2100-01", "2100-02", "0000-00", "2026-9", "2026-09-01")
_INSTANTS: Final = (
    "2026-09-03T10:00Z", "2026-09-03T10:01Z", "2026-09-03T10:00:00+05:00", "2099-12-31T23:59Z", "2000-01-01T00:00Z",
    "2026-02-30T00:00Z", "now", "2026-09-03",
)  # fmt: skip
_NUMBERS: Final = ("0", "1", "-1", "3", "1.5", "1e400", "nan", "inf", "9" * 30, "0x10", "")
_TEXTS: Final = (
    "", " ", "sms", "SMS", "*", "email", "acct-1", "'; DROP TABLE minutes; --", "[red]x[/red]", "[/x]", "%s{}\\",
    "a\nb", "\x1b[31m", "\x07", "\u202e", "\udcff", "x" * 5_000, "-", "--", "{a:String}", "zecto-1.0", "\N{SNOWMAN}",
)  # fmt: skip
_TOPICS: Final = ("api.requests", "carrier.receipts", "sla.claims", "sla.minutes", "sla.dead-letters", "nowhere", "a/b")
_CHOICES: Final = ("service", "account", "operator", "region", "json", "html", "pdf,xlsx", "combined", "all", "none")

_Draw = Callable[[Random], str]


def _one_of(*values: str) -> _Draw:
    return lambda random: random.choice(values)


def _mostly(*values: str) -> _Draw:
    """A value of the right kind, or anything."""
    return lambda random: random.choice(values if random.random() < 0.7 else (*_ANYTHING, *values))


_ANYTHING: Final = (*_MONTHS, *_INSTANTS, *_NUMBERS, *_TEXTS, *_TOPICS, *_CHOICES)
_MONTH: Final = _mostly(*_MONTHS)
_INSTANT: Final = _mostly(*_INSTANTS)
_SERVICE: Final = _mostly("sms", "voice", "whatsapp", "email")
_TOPIC: Final = _mostly(*_TOPICS)
_FILE: Final = _mostly("good.ndjson", "noise", "cut.gz", "folder", "missing", "-", "policy.toml", "month.json")
_TEXT: Final = _one_of(*_TEXTS)
_NUMBER: Final = _mostly(*_NUMBERS)

# What ends by itself: `up`, `demo`, `worker` and `web` serve until they are told to stop.
_COMMANDS: Final[Mapping[str, Sequence[_Draw]]] = {
    "env": (),
    "migrate": (),
    "doctor": (),
    "close": (_MONTH,),
    "statements": (_MONTH,),
    "credits": (_MONTH,),
    "claims list": (),
    "claims show": (_TEXT,),
    "claims decide": (_MONTH,),
    "claims overdue": (),
    "expire": (_MONTH,),
    "restore": (_FILE,),
    "produce": (_TOPIC, _FILE),
    "import": (_FILE,),
    "simulate": (),
    "dump": (_TOPIC,),
    "month": (_MONTH,),
    "minutes": (_SERVICE, _INSTANT, _INSTANT),
    "explain": (_SERVICE, _INSTANT),
    "performance": (_MONTH,),
    "report": (_MONTH,),
    "evidence": (_SERVICE, _INSTANT, _INSTANT),
    "audit": (_MONTH,),
    "support": (_MONTH,),
    "policy list": (),
    "policy diff": (_FILE, _FILE),
    "policy check": (_FILE,),
    "nonsense": (_TEXT,),
}
_OPTIONS: Final[Mapping[str, _Draw | None]] = {
    "--json": None,
    "--help": None,
    "--policy": _mostly("zecto-1.0"),
    "--as-of": _INSTANT,
    "--account": _TEXT,
    "--number": _NUMBER,
    "--month": _MONTH,
    "--by": _one_of(*_CHOICES),
    "--format": _one_of(*_CHOICES),
    "--samples": _NUMBER,
    "--lost": _mostly("probes@2026-09-03T10:00:00Z/2026-09-03T11:00:00Z", "probes@x/y"),
    "--dump": _FILE,
    "--against": _FILE,
    "--evidence": _FILE,
    "--service": _SERVICE,
    "--from-dump": None,
    "--dry-run": None,
    "--output": _mostly("out", "folder/out", "missing/out", "good.ndjson"),
    "--overwrite": None,
    "--data": _FILE,
}


def make_files(folder: Path) -> None:
    """The files that the lines name."""
    (folder / "folder").mkdir()
    (folder / "good.ndjson").write_text('{"request_id":"r"}\n{\n')
    (folder / "noise").write_bytes(bytes(range(256)) * 9)
    (folder / "cut.gz").write_bytes(b"\x1f\x8b\x08\x00\x00")
    (folder / "policy.toml").write_text('policy_id = "x"\n')
    (folder / "month.json").write_text('{"month":"2026-09","services":[null]}')


def command_lines(seed: int, count: int) -> Iterator[list[str]]:
    """So many lines, the same for the same seed."""
    random = Random(seed)
    for _ in range(count):
        command = random.choice(list(_COMMANDS))
        line = [*command.split(), *(draw(random) for draw in _COMMANDS[command])]
        for option in random.sample(list(_OPTIONS), random.choice((0, 1, 1, 2, 3))):
            draw_value = _OPTIONS[option]
            line += [option] if draw_value is None else [option, draw_value(random)]
        if command == "simulate":
            # A month of everything takes minutes, and is meant to.
            line += ["--days", "1", "--records", random.choice(("10", "-1", "x"))]
        if random.random() < 0.1:
            line.insert(random.randrange(len(line) + 1), random.choice(_ANYTHING))
        if random.random() < 0.1 and len(line) > 1:
            del line[random.randrange(1, len(line))]
        yield line
