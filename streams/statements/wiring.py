"""The real log, shelf and ledger behind `close`."""

from functools import partial

from clickhouse_connect.driver.client import Client

from streams.settings import Settings
from streams.sla.policy import PolicyChoice
from streams.statements.closing import Say, Surroundings
from streams.statements.ends import end_offsets
from streams.statements.known import Months
from streams.statements.log import Log
from streams.statements.shelf import Shelf
from streams.statements.versions import versions_of


def surroundings(client: Client, settings: Settings, choice: PolicyChoice, say: Say) -> Surroundings:
    """What closing a month works with on a real stack."""
    return Surroundings(
        log=Log(settings),
        documents=Shelf(client),
        months=Months(client, choice),
        end_offsets=partial(end_offsets, settings),
        versions=versions_of(choice.policy.policy_id),
        say=say,
    )
