"""A month told in the contract's words, stored as a worker stores it, and judged from what ClickHouse holds.

    month.minute(7).requests(ok=99, platform=1)
    month.window("ddos", 5, 9, evidence="ticket 7")
    assert month.verdict(7).state == "good"

Records are produced as JSON and go through the ledger's own columns, so what counts is decided by production code from
the bytes on. Minutes are numbered from the month's start; whatever is said of one without naming a service is said of
`sms`. Unless told otherwise every topic is read to four days after the month's end.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from schemas.fields import SERVICES
from streams.judge import JudgedMonth, judge_month
from streams.months.month import MonthSummary, ServiceSummary, read_month, summary_of
from streams.rules.identity import content_hash
from streams.rules.month.states import KINDS, STATES
from streams.rules.policy import PolicyChoice, apply_policy
from tests.sql.told import RECEIPTS, REQUESTS
from tests.sql.told_month import DAY_MS, HOUR_MS, ToldMonth, clear

__all__ = ["DAY_MS", "HOUR_MS", "RECEIPTS", "REQUESTS", "Scenario", "Seen", "clear"]


class Seen(NamedTuple):
    """A service-minute as it was judged."""

    state: str
    kind: str
    bad_low: bool
    bad_high: bool


class Scenario(ToldMonth):
    """A month that can be told and asked."""

    @property
    def choice(self) -> PolicyChoice:
        """The month under its policy."""
        return apply_policy(self.name, self.policy)

    def judged(self, cut_ms: int | None = None) -> JudgedMonth:
        """The month judged anew, now or at a cut."""
        self.settle()
        return judge_month(self.client, self.choice, cut_ms=cut_ms)

    def verdict(self, number: int, service: str = "sms") -> Seen:
        """What became of a minute."""
        return self.verdicts([number], service)[0]

    def verdicts(self, numbers: Iterable[int], service: str = "sms") -> list[Seen]:
        """What became of some minutes, in their order."""
        (named,) = (one for one in SERVICES if one == service)
        found = self.judged().judgement.services[named].verdict
        return [
            Seen(
                state=STATES[found.state[number]],
                kind=KINDS[found.kind[number]],
                bad_low=bool(found.bounds.bad_at_best[number]),
                bad_high=bool(found.bounds.bad_at_worst[number]),
            )
            for number in numbers
        ]

    def states(self, numbers: Iterable[int], service: str = "sms") -> list[str]:
        """Their states alone."""
        return [seen.state for seen in self.verdicts(numbers, service)]

    def counts(self, number: int, service: str = "sms") -> dict[str, int]:
        """What was counted in a minute, by column of `minutes`, but for what is zero."""
        self.settle()
        found = list(
            self.client.query(
                "SELECT * EXCEPT (service, minute) FROM minutes FINAL"
                " WHERE service = {service:String} AND toUInt32(minute) = {minute:UInt32}",
                parameters={"service": service, "minute": self.ms(number) // 1000},
            ).named_results()
        )
        return {name: count for row in found for name, count in row.items() if count}

    def chosen(self, of: str, number: int, service: str = "sms") -> list[dict[str, Any]]:
        """The records that count for the identities of a minute; `of` is requests, messages or probes."""
        self.settle()
        query = (
            f"SELECT * FROM effective_{of} WHERE service = {{service:String}} AND toUInt32(minute) = {{minute:UInt32}}"
        )
        asked = {"service": service, "minute": self.ms(number) // 1000}
        return list(self.client.query(query, parameters=asked).named_results())

    def contents(self) -> list[int]:
        """The hashes of everything told so far, in its order (I2)."""
        return [content_hash(value or b"") for _, value, _ in [*self._stored, *self._records]]

    def result(self, cut_ms: int | None = None) -> MonthSummary:
        """The month as `month --json` gives it."""
        self.settle()
        return read_month(self.client, self.choice, cut_ms=cut_ms)

    def service(self, name: str = "sms") -> ServiceSummary:
        """One service's numbers, judged anew."""
        return summary_of(self.judged()).services[name]

    def listed(self) -> list[tuple[str, str, int]]:
        """Id, reason and minutes of every declaration that must be listed."""
        return [(row.declaration_id, row.reason, row.minutes) for row in summary_of(self.judged()).listed_declarations]

    def completeness(self, service: str = "sms") -> str:
        """Whether completeness at the source is proven (B3)."""
        return self.service(service).source_completeness
