"""A month told in the contract's words, stored as a worker stores it, and asked through the views.

    month.minute(7).requests(ok=99, platform=1)
    month.window("ddos", 5, 9, evidence="ticket 7")
    assert month.verdict(7).state == "good"

Records are produced as JSON and go through the ledger's own columns, so what counts is decided by production code from
the bytes on. Minutes are numbered from the month's start; whatever is said of one without naming a service is said of
`sms`. Unless told otherwise every topic is read to four days after the month's end.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from streams.months.month import MonthSummary, read_month
from streams.rules.identity import content_hash
from streams.rules.policy import apply_policy
from tests.sql.told import RECEIPTS, REQUESTS
from tests.sql.told_month import DAY_MS, HOUR_MS, ToldMonth, clear

__all__ = ["DAY_MS", "HOUR_MS", "RECEIPTS", "REQUESTS", "Scenario", "Seen", "clear"]


class Seen(NamedTuple):
    """A service-minute as the view `verdicts` has it."""

    state: str
    kind: str
    down_low: int
    down_high: int


class Scenario(ToldMonth):
    """A month that can be told and asked."""

    def verdict(self, number: int, service: str = "sms") -> Seen:
        """What became of a minute."""
        return self.verdicts([number], service)[0]

    def verdicts(self, numbers: Iterable[int], service: str = "sms") -> list[Seen]:
        """What became of some minutes, in their order."""
        self.settle()
        asked = [self.ms(number) // 1000 for number in numbers]
        found = self.client.query(
            "SELECT toUInt32(minute), state, kind, down_low, down_high"
            " FROM verdicts(month = {month:String}, policy = {policy:String})"
            " WHERE service = {service:String} AND toUInt32(minute) IN {minutes:Array(UInt32)}",
            parameters={"month": self.name, "policy": self.policy.policy_id, "service": service, "minutes": asked},
        ).result_rows
        by_minute = {minute: Seen(*rest) for minute, *rest in found}
        return [by_minute[minute] for minute in asked]

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

    def result(self) -> MonthSummary:
        """The month as `month --json` gives it."""
        self.settle()
        choice = apply_policy(self.name, self.policy)
        return read_month(
            self.client,
            month=self.name,
            policy_id=self.policy.policy_id,
            zone=self.policy.zone,
            in_force=choice.in_force,
        )

    def service(self, name: str = "sms") -> dict[str, Any]:
        """One service's row of the view `months`."""
        return self._ask("SELECT * FROM months(%s) WHERE service = {service:String}", service=name)[0]

    def listed(self) -> list[tuple[str, str, int]]:
        """Id, reason and minutes of every declaration that must be listed."""
        return [
            tuple(row.values())
            for row in self._ask("SELECT declaration_id, reason, minutes FROM listed_declarations(%s)")
        ]

    def completeness(self, service: str = "sms") -> str:
        """Whether completeness at the source is proven (B3)."""
        [row] = self._ask("SELECT * FROM source_completeness(%s) WHERE service = {service:String}", service=service)
        return str(row["source_completeness"])

    def _ask(self, query: str, **parameters: object) -> list[dict[str, Any]]:
        self.settle()
        asked = {"month": self.name, "policy": self.policy.policy_id, **parameters}
        text = query % "month = {month:String}, policy = {policy:String}"
        return list(self.client.query(text, parameters=asked).named_results())
