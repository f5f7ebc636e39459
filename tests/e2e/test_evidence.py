"""As a customer would: ask for evidence, keep the records, run the command that the file names; tamper with one."""

import gzip
import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from schemas.instants import MINUTE_MS, parse_instant
from streams.stack.stack import EmbeddedStack
from tests.e2e.running import output, parsed, zecto

pytestmark = pytest.mark.stack

WINDOW = ("2026-05-31T19:00:00Z", "2026-06-20T19:00:00Z")


@pytest.fixture(scope="module")
def evidence(stack: EmbeddedStack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with a file of evidence, and archives made by the commands that it names."""
    place = tmp_path_factory.mktemp("evidence")
    simulated = ("simulate", "--seed", "4", "--from", WINDOW[0], "--days", "20", "--records", "30000", "--preset")
    output(stack, *simulated, "everything", "--shuffle")
    output(stack, "drain", "--timeout", "120")
    told = output(stack, "evidence", "sms", *WINDOW, "-o", place / "sms.json").decode()
    assert "--dump DIR" in told
    assert " down" in told
    for archive in _body(place)["recompute"]["archives"]:
        output(stack, *_arguments(archive, place))
    return place


def _body(place: Path) -> dict[str, Any]:
    body: dict[str, Any] = json.loads((place / "sms.json").read_bytes())["body"]
    return body


def _arguments(command: str, place: Path, file: str = "sms.json") -> list[str]:
    """What the file says, with its name and the directory put in."""
    program, *arguments = shlex.split(command)
    assert program == "zecto-sla"
    return [one.replace("FILE", str(place / file)).replace("DIR", str(place)) for one in arguments]


def _recomputed(stack: EmbeddedStack, place: Path, file: str = "sms.json") -> tuple[int, list[str], str]:
    done = zecto(stack, *_arguments(_body(place)["recompute"]["command"], place, file))
    return done.returncode, done.stdout.decode().splitlines(), done.stderr.decode()


def test_a_customer_recomputes_the_minutes_by_the_command_named(stack: EmbeddedStack, evidence: Path) -> None:
    status, lines, said = _recomputed(stack, evidence)
    assert (status, said) == (0, "")
    listed = [(one["minute"], one["state"]) for one in _body(evidence)["minutes"]]
    assert {state for _, state in listed} == {"down", "excluded"}
    assert [(line.split()[0], line.split()[1], line.split()[2]) for line in lines[:-1]] == [
        (minute, "agrees", state) for minute, state in listed
    ]
    assert lines[-1].startswith(f"agree: the states of 28,800 minutes of sms, {len(listed)} of them bad or excluded")
    # from Kafka too, and the pipeline says the same of its minutes
    assert zecto(stack, "audit", "--evidence", evidence / "sms.json", "--json").returncode == 0
    first = _body(evidence)["minutes"][0]
    explained = parsed(stack, "explain", "sms", first["minute"])
    assert {name: explained[name] for name in ("state", "rule", "clauses", "reasons", "windows")} == {
        name: first[name] for name in ("state", "rule", "clauses", "reasons", "windows")
    }


@pytest.mark.deep
def test_the_same_cut_gives_the_same_bytes_and_overwrites_nothing(stack: EmbeddedStack, evidence: Path) -> None:
    again = evidence / "again.json"
    asked = ("evidence", "sms", *WINDOW, "--as-of", _body(evidence)["cut"], "-o")
    output(stack, *asked, again)
    assert again.read_bytes() == (evidence / "sms.json").read_bytes()
    refused = zecto(stack, *asked, again)
    assert (refused.returncode, b"exists; evidence is never overwritten" in refused.stderr) == (2, True)


@pytest.mark.deep
def test_a_record_tampered_with_is_named_with_its_minute(stack: EmbeddedStack, evidence: Path, tmp_path: Path) -> None:
    for path in evidence.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    minute = next(one for one in _body(evidence)["minutes"] if one["requests"]["platform"])
    [sample, *_] = [
        sample
        for reason in minute["reasons"]
        if (reason["of"], reason["outcome"]) == ("requests", "platform")
        for sample in reason["samples"]
    ]
    _tamper(tmp_path / "api.requests.ndjson.gz", sample)
    status, lines, said = _recomputed(stack, tmp_path)
    place = f"{sample['topic']}/{sample['partition']}@{sample['offset']}"
    assert status == 1
    assert f"sms {minute['minute']} differs: {place} is another record: its content is " in said
    differing = [parse_instant(line.split()[0]) for line in lines if " differs " in line]
    # and the minutes after it in whose sums it is (V1)
    first = parse_instant(minute["minute"])
    assert differing[0] == first
    assert set(differing) <= {first + later * MINUTE_MS for later in range(10)}


def _tamper(path: Path, sample: dict[str, Any]) -> None:
    """The sampled failure becomes a success."""
    lines = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
    for line in lines:
        if (line["partition"], line["offset"]) == (sample["partition"], sample["offset"]):
            line["value"] = json.dumps({**json.loads(line["value"]), "status": 200, "error": ""})
    path.write_bytes(gzip.compress(b"".join(json.dumps(line).encode() + b"\n" for line in lines)))


@pytest.mark.deep
def test_a_number_tampered_with_is_named_and_breaks_the_seal(stack: EmbeddedStack, evidence: Path) -> None:
    document = json.loads((evidence / "sms.json").read_bytes())
    told = document["body"]["minutes"][-1]
    told["requests"]["ok"] += 1
    (evidence / "changed.json").write_text(json.dumps(document))
    status, _, said = _recomputed(stack, evidence, "changed.json")
    assert status == 1
    assert "was changed after it was sealed" in said
    assert f"sms {told['minute']} differs: requests.ok is {told['requests']['ok'] - 1} by the records" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("sms", *WINDOW[::-1]), "is not before END"),
        (("fax", *WINDOW), "no service fax; there are sms, voice, whatsapp, email"),
        (("sms", "2026-06-01T00:00Z", "2026-07-02T00:01Z"), "is longer than 31 days"),
        (("sms", "2096-06-01T00:00Z", "2096-06-01T00:01Z"), "has not come yet"),
        (("sms", "2026-06-01T00:00", "2026-07-02T00:01Z"), "is no instant such as"),
        (("sms", *WINDOW, "--policy", "none"), "no policy none"),
        (("sms", *WINDOW, "--samples", "-1"), "--samples and --each take numbers from 0 on"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_line(
    stack: EmbeddedStack, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = zecto(stack, "evidence", *arguments, "-o", tmp_path / "f.json")
    [line] = done.stderr.decode().splitlines()
    assert (done.returncode, said in line, list(tmp_path.iterdir())) == (2, True, [])
