"""The page `explanation/scale.md`: a million records a second, worked out from what the benchmarks measured."""

import json
from typing import Any, Final

from tests.docs_pages.places import BENCHMARKS, EXACTNESS

_GROWTH: Final = BENCHMARKS / "growth.json"
_AUDIT: Final = EXACTNESS / "audit.json"

# What is assumed; everything else is measured or follows.
_RATE: Final = 1_000_000
_MONTHS_KEPT: Final = 13
_MONTHS_OPEN: Final = 3  # the month itself, then a month in which it is closed and 30 days in which it is claimed (K2)
_KAFKA_DAYS: Final = 7
_KAFKA_COPIES: Final = 3
_LEDGER_COPIES: Final = 2
_BUSY: Final = 0.6
_BLOCK_RECORDS: Final = 20_000
_DISK_TB: Final = 16.0
_CORE_HOUR_USD: Final = 0.04
_GB_MONTH_USD: Final = 0.08
_SERVICES: Final = 4
_EVALUATION: Final = 0.25  # its part of what the engine does for a record of a backlog, from profiles
_SHARE: Final = 0.5  # the most of the time that evaluating takes, streams/ingest/evaluate.py

_DAY_S: Final = 86_400
_DAYS_A_MONTH: Final = 365.25 / 12
_MILLION: Final = 1_000_000

_PAGE: Final = """\
# A million records a second, on paper

What this design would need at {rate:,} records a second, all day, and what of it breaks first. Nothing on this page was
run at that size. The costs of a record are measured ([benchmarks](../reference/benchmarks/README.md), the backlog of
{measured:,} records, on two cores of which broker, engine and worker each had a share); the rest is arithmetic on
assumptions in the table, so that it can be done again with others.

| measured, a record | |
|---|---|
| worker | {worker:.1f} µs of processor time |
| engine: insert, merges, evaluation of a backlog | {engine:.1f} µs |
| broker's disk, lz4 | {broker_bytes:.0f} bytes |
| ledger's disk | {ledger_bytes:.1f} bytes |

| assumed | |
|---|---|
| cores are busy for | {busy:.0%} of the time |
| Kafka keeps | {kafka_days} days, {kafka_copies} copies; older records in archives of `dump` |
| the ledger keeps | {open_months} months, while claims may come (K2), or {kept_months}; {ledger_copies} copies |
| price | {core_usd} USD a core and hour, {disk_usd} USD a GB and month of SSD |

## What it takes

| | |
|---|---|
| records a day | {a_day:.3g} |
| workers, one core each | {workers:.0f} |
| partitions of `api.requests` and `carrier.receipts` together | {partitions:.0f}, four a worker |
| engine cores for what arrives | {engine_cores:.0f} |
| into Kafka | {kafka_mb_s:.0f} MB/s, {kafka_copied_mb_s:.0f} MB/s with its copies |
| Kafka's disks | {kafka_tb:,.0f} TB |
| ledger, {open_months} months | {open_tb:,.0f} TB, {open_shards:.0f} shards of {disk_tb:.0f} TB |
| ledger, {kept_months} months | {kept_tb:,.0f} TB, {kept_shards:.0f} shards |
| minutes and blocks | {minutes_a_year:,.0f} rows a year; {blocks_a_day:,.0f} rows a day |
| processor time | {cpu_usd:.5f} USD a million records |
| disks, {open_months} months of ledger | {open_usd:.3f} USD a million records |
| disks, {kept_months} months of ledger | {kept_usd:.3f} USD a million records |

Disks are what it costs; processors hardly count. So what decides is how long single records are kept.

## How long the ledger must be kept
A closed month does not need its records: the statement is frozen, its minutes and counts stay (`expire` drops the rows
and nothing else). What goes with them is `explain` and `evidence` down to the record, `--as-of`, and amendments:
a record that comes later is set aside as `expired_minute` and listed. While a claim may come (30 days after an
incident, K2) and while late receipts settle (72 h, C3) the records are needed. Three months is what that takes; the
archives of `dump` in cheap storage can rebuild any month to the same bytes if a court asks.

## What breaks first
1. **Evaluating the minute that is just filling.** It is counted anew from the ledger whenever blocks touched it, four
   times a second at most, and no more than half of the time: a backlog counts each minute once or twice, live
   traffic of 5,000 records a second about forty times. At {rate:,} a second a service's minute has
   {minute_records:,.0f} records; to count those of all four once, half full, takes {recount_s:,.0f} s of processor
   time, at a quarter of the engine's cost of a record, so what gives way is freshness: with half of one core a
   minute's count would be {stale_s:,.0f} s old. And one statement has to group {minute_records:,.0f} identities in
   memory. Cures, in this order: shards by identity divide both, since counts of disjoint identities add up; counting
   only what blocks added would need the identities they met before, which is the ledger's own key, and is not built.
2. **One `minutes` row a service-minute.** With shards it becomes one a shard, summed by the views; the version then is
   a shard's own. The rules stay where they are, in the views above the sum. Not built.
3. **One frontier for all.** It is the least over all partitions: with {partitions:.0f} of them, the slowest decides
   when a minute is complete, and one that stops holds everything back. That is what B5 demands; watching single
   partitions (`doctor`) becomes the first duty of the people on call.
4. **Rows of `blocks`.** {blocks_a_day:,.0f} a day, read whole for holes. Runs of evaluated blocks without a gap would
   have to be folded into one row each once a month is closed.
5. **The auditor.** One process, on purpose plain: {audit_days:,.0f} days for one day of such traffic, at the measured
   {audited_per_s:,.0f} records a second. At that size one audits drawn service-minutes from the archives, and every
   disputed one.

What does not grow with the rate: `month` and the other views, which read {minutes_a_month:,} service-minutes whatever
happened in them; statements; claims.
"""


def scale_page() -> str:
    """The whole page."""
    largest: dict[str, Any] = max(json.loads(_GROWTH.read_text("utf-8")), key=lambda result: result["records"])
    worker, engine = largest["worker_cpu_s_per_million"], largest["engine_cpu_s_per_million"]
    broker_bytes, ledger_bytes = largest["broker_bytes_per_record"], largest["ledger_bytes_per_record"]
    audit = json.loads(_AUDIT.read_text("utf-8"))
    audited_per_s = audit["records"] / audit["wall_s_from_archives"]
    a_day = _RATE * _DAY_S
    workers = _RATE * worker / _MILLION / _BUSY
    minute_records = _RATE * 60 / _SERVICES
    recount_s = minute_records / 2 * _SERVICES * engine * _EVALUATION / _MILLION
    kafka_bytes = broker_bytes * a_day * _KAFKA_DAYS * _KAFKA_COPIES
    open_bytes, kept_bytes = (
        ledger_bytes * a_day * months * _DAYS_A_MONTH * _LEDGER_COPIES for months in (_MONTHS_OPEN, _MONTHS_KEPT)
    )
    open_usd, kept_usd = (
        (ledger_bytes * _LEDGER_COPIES * months + broker_bytes * _KAFKA_COPIES * _KAFKA_DAYS / _DAYS_A_MONTH)
        * _MILLION
        / 1e9
        * _GB_MONTH_USD
        for months in (_MONTHS_OPEN, _MONTHS_KEPT)
    )
    return _PAGE.format(
        rate=_RATE,
        measured=largest["records"],
        worker=worker,
        engine=engine,
        broker_bytes=broker_bytes,
        ledger_bytes=ledger_bytes,
        busy=_BUSY,
        kafka_days=_KAFKA_DAYS,
        kafka_copies=_KAFKA_COPIES,
        open_months=_MONTHS_OPEN,
        kept_months=_MONTHS_KEPT,
        ledger_copies=_LEDGER_COPIES,
        core_usd=_CORE_HOUR_USD,
        disk_usd=_GB_MONTH_USD,
        a_day=a_day,
        workers=workers,
        partitions=round(workers) * 4,
        engine_cores=_RATE * engine / _MILLION / _BUSY,
        kafka_mb_s=_RATE * broker_bytes / 1e6,
        kafka_copied_mb_s=_RATE * broker_bytes * _KAFKA_COPIES / 1e6,
        kafka_tb=kafka_bytes / 1e12,
        open_tb=open_bytes / 1e12,
        kept_tb=kept_bytes / 1e12,
        disk_tb=_DISK_TB,
        open_shards=open_bytes / _LEDGER_COPIES / 1e12 / _DISK_TB,
        kept_shards=kept_bytes / _LEDGER_COPIES / 1e12 / _DISK_TB,
        minutes_a_year=525_960 * _SERVICES,
        minutes_a_month=43_200 * _SERVICES,
        blocks_a_day=a_day / _BLOCK_RECORDS,
        cpu_usd=(worker + engine) / _BUSY / 3_600 * _CORE_HOUR_USD,
        open_usd=open_usd,
        kept_usd=kept_usd,
        minute_records=minute_records,
        recount_s=recount_s,
        stale_s=recount_s / _SHARE,
        audited_per_s=audited_per_s,
        audit_days=_RATE / audited_per_s,
    )
