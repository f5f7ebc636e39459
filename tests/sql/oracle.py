"""What the plain rules of streams.rules make of a world: counts, verdicts, windows; one plain function a question."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from schemas.instants import MINUTE_MS
from streams.rules import ordering
from streams.rules.classify import Outcome
from streams.rules.exclusions import Exclusions, Window, gap_minutes, judge_windows
from streams.rules.silence import holes, lost_minutes, missing_by_manifest, silences
from streams.rules.verdict import MinuteFacts, Tally, Verdict, has_passed, judge_minute, settle_pending
from tests.sql.world import SERVICES, TOPICS, Row, World

Place = tuple[str, int]
"""A service and the start of a minute in milliseconds."""
Judged = tuple[dict[Place, Verdict], dict[Place, MinuteFacts], Exclusions]
"""Verdict and facts of every service-minute of a month, and its windows."""


class Counted(NamedTuple):
    """What a service-minute holds once every identity is settled."""

    requests: Mapping[str, int]
    messages: Mapping[str, int]
    probes_ok: int
    probes_failed: int
    conflicts: int
    version: int


def distinct(rows: list[Row], *names: str) -> list[Row]:
    """The set of records behind rows: replays collapse, the earliest known one stands (I2)."""
    kept: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        key = tuple(row[name] for name in names)
        if key not in kept or row["recorded_at"] < kept[key]["recorded_at"]:
            kept[key] = row
    return list(kept.values())


def count_minutes(world: World) -> dict[Place, Counted]:
    """Counts of every service-minute that has a record."""
    tallies: defaultdict[Place, dict[str, defaultdict[str, int]]] = defaultdict(
        lambda: {
            "requests": defaultdict(int),
            "messages": defaultdict(int),
            "probes": defaultdict(int),
            "own": defaultdict(int),
        }
    )
    for of, table in (("requests", "ledger_requests"), ("messages", "ledger_receipts"), ("probes", "ledger_probes")):
        for (service, minute, _), records in _identities(world.tables[table]).items():
            tally = tallies[service, minute]
            tally[of][_chosen(of, records)] += 1
            tally["own"]["conflicts"] += _conflict(of, records)
            tally["own"]["version"] += len(records)
    return {
        place: Counted(
            requests=tally["requests"],
            messages=tally["messages"],
            probes_ok=tally["probes"]["ok"],
            probes_failed=tally["probes"]["failed"],
            conflicts=tally["own"]["conflicts"],
            version=tally["own"]["version"],
        )
        for place, tally in tallies.items()
    }


def _identities(rows: list[Row]) -> dict[tuple[str, int, bytes], list[Row]]:
    found: defaultdict[tuple[str, int, bytes], list[Row]] = defaultdict(list)
    for row in distinct(rows, "service", "minute", "identity", "content"):
        found[row["service"], row["minute"], row["identity"]].append(row)
    return found


def _chosen(of: str, records: list[Row]) -> str:
    if of == "probes":
        chosen = max(
            records, key=lambda r: ordering.probe_order(revision=r["revision"], ok=r["ok"], content=r["content"])
        )
        return "ok" if chosen["ok"] else "failed"
    if of == "requests":
        chosen = max(
            records,
            key=lambda r: ordering.request_order(
                revision=r["revision"],
                scope=ordering.in_scope(r["stage"], r["plan"]),
                outcome=Outcome[r["outcome"].upper()],
                content=r["content"],
            ),
        )
    else:
        chosen = max(
            records,
            key=lambda r: ordering.receipt_order(
                state=r["state"], code=r["code"], time_ms=r["time"], content=r["content"]
            ),
        )
    return str(chosen["outcome"]) if ordering.in_scope(chosen["stage"], chosen["plan"]) else "out_of_scope"


def _conflict(of: str, records: list[Row]) -> bool:
    if of == "requests":
        return ordering.requests_conflict(
            ordering.RequestFacts(r["revision"], r["status"], r["error"], r["stage"], r["plan"]) for r in records
        )
    if of == "probes":
        return ordering.probes_conflict((r["revision"], r["ok"], r["status"]) for r in records)
    return ordering.receipts_conflict((r["state"], r["time"], r["code_system"], r["code"]) for r in records)


# A minute of which nothing is told, by whether it is pending; windows cannot excuse what is not bad.
_UNTOLD: Final = (MinuteFacts(), MinuteFacts(pending=True))


def judge(world: World) -> Judged:
    """Verdict and facts of every service-minute of the month, and its windows."""
    counted = count_minutes(world)
    windows = current_windows(world)
    exclusions = judge_windows(windows, world.span, world.policy)
    missing = _missing(world)
    facts = {}
    for service in SERVICES:
        gaps = _gaps(world, service, windows)
        silent = _silent(world, service, counted)
        told = {minute for name, minute in counted if name == service} | gaps | silent
        told |= {minute for _, name, minute in missing if name == service}
        for minute in world.span.minutes():
            pending = not has_passed(world.frontier_ms, minute, world.policy.grace_ms)
            facts[service, minute] = _UNTOLD[pending]
            if minute in told:
                facts[service, minute] = MinuteFacts(
                    requests=_tally(world, counted, missing, (service, minute), "requests"),
                    messages=_tally(world, counted, missing, (service, minute), "messages"),
                    probes_ok=counted[service, minute].probes_ok if (service, minute) in counted else 0,
                    probes_failed=counted[service, minute].probes_failed if (service, minute) in counted else 0,
                    windows=exclusions.kinds(service, minute) if exclusions.grants else (),
                    gap=minute in gaps,
                    silence=minute in silent,
                    pending=pending,
                )
    verdicts = {found: judge_minute(found, world.policy) for found in _UNTOLD}
    return (
        {
            place: verdicts[found] if found in _UNTOLD else judge_minute(found, world.policy)
            for place, found in facts.items()
        },
        facts,
        exclusions,
    )


def _tally(
    world: World, counted: dict[Place, Counted], missing: dict[tuple[str, str, int], int], place: Place, of: str
) -> Tally:
    topic = TOPICS[of == "messages"]
    counts = getattr(counted[place], of) if place in counted else {}
    settled = settle_pending(
        accepted=counts.get("accepted", 0),
        enroute=counts.get("enroute", 0),
        waited=has_passed(world.receipts_frontier_ms, place[1], world.policy.receipt_wait_ms),
    )
    return Tally(
        ok=counts.get("ok", 0),
        platform=counts.get("platform", 0) + settled.platform,
        unknown=counts.get("unknown", 0) + settled.unknown,
        pending=settled.pending,
        missing=missing.get((topic, *place), 0),
    )


def current_windows(world: World) -> list[Window]:
    """Of each declaration the revision that counts."""
    found: dict[str, Row] = {}
    for row in world.tables["declarations"]:
        held = found.get(row["declaration_id"])
        if held is None or (row["revision"], row["content"]) > (held["revision"], held["content"]):
            found[row["declaration_id"]] = row
    return [
        Window(
            declaration_id=row["declaration_id"],
            revision=row["revision"],
            kind=row["kind"],
            services=frozenset(SERVICES if "*" in row["services"] else row["services"]),
            start_ms=row["start"],
            end_ms=row["end"],
            announced_at_ms=row["announced_at"],
            recorded_at_ms=row["recorded_at"],
            evidence=row["evidence"],
            retracted=row["retracted"],
        )
        for row in found.values()
    ]


def _gaps(world: World, service: str, windows: list[Window]) -> set[int]:
    gaps = set(gap_minutes(windows, service))
    for topic in TOPICS:
        told = [
            row["minute"] for row in world.tables["manifests"] if (row["topic"], row["service"]) == (topic, service)
        ]
        gaps.update(minute for hole in holes(told, world.policy) for minute in hole)
    for row in world.tables["lost"]:
        gaps.update(lost_minutes(row["first_recorded_at"], row["last_recorded_at"], world.policy))
    return gaps


def _silent(world: World, service: str, counted: dict[Place, Counted]) -> set[int]:
    active = {
        m for (s, m), c in counted.items() if s == service and (any(c.requests.values()) or any(c.messages.values()))
    }
    active |= {row["minute"] for row in world.tables["manifests"] if row["service"] == service}
    valid = {}
    for minute in active:
        requests, messages = (_tally(world, counted, {}, (service, minute), of) for of in ("requests", "messages"))
        valid[minute] = requests.valid + messages.valid
    return {minute for run in silences(active, valid, world.frontier_ms, world.policy) for minute in run}


def _missing(world: World) -> dict[tuple[str, str, int], int]:
    """Missing records by topic and service-minute (B3)."""
    told: dict[tuple[str, str, int], Row] = {}
    for row in world.tables["manifests"]:
        key = row["topic"], row["service"], row["minute"]
        if key not in told or _manifest_order(row) > _manifest_order(told[key]):
            told[key] = row
    missing: defaultdict[tuple[str, str, int], int] = defaultdict(int)
    for (topic, service, minute), row in told.items():
        table = "ledger_requests" if topic == "api.requests" else "ledger_receipts"
        seen = {
            r["identity"]
            for r in world.tables[table]
            if (r["service"], r["minute"], r["source"]) == (service, minute, row["source"])
        }
        missing[topic, service, minute] += missing_by_manifest(
            {row["source"]: row["count"]}, {row["source"]: len(seen)}
        )
    for row in distinct(world.tables["dead_letters"], "topic", "content", "is_null"):
        minute = row["minute"] if row["minute"] is not None else row["recorded_at"] // MINUTE_MS * MINUTE_MS
        for service in [row["service"]] if row["service"] else SERVICES:
            if row["source"] != "a" or (row["topic"], service, minute) not in told:
                missing[row["topic"], service, minute] += 1
    return missing


def _manifest_order(row: Row) -> tuple[int, ...]:
    return ordering.manifest_order(revision=row["revision"], count=row["count"], content=row["content"])
