"""The Faust transport `blocks://host:port`: aiokafka underneath, one message per block of records above.

Faust's cost is per message object, not per byte. An app that uses it carries its
`ConsumerDependencies` as `app.dependencies`.
"""

from typing import ClassVar

from faust.transport.drivers import aiokafka as driver

from streams.kafka.consumer import BlockConsumer


class Transport(driver.Transport):
    """Faust finds it by the entry point `blocks` of the group `faust.transports`."""

    Consumer: ClassVar[type[BlockConsumer]] = BlockConsumer
    driver_version = f"blocks, {driver.Transport.driver_version}"
