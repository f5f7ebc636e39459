"""One record of a block, read alone."""

from schemas.decoding import Understood, understand
from schemas.violations import InvalidRecord, Reason
from streams.kafka.block import Block


def understand_at(block: Block, position: int) -> Understood | InvalidRecord:
    """The record at a position of a block, or why it is none; of a large value only the beginning is there."""
    if block.offsets[position] in block.large:
        return InvalidRecord(reason=Reason.TOO_LARGE, path="$")
    return understand(block.topic, block.values[position])
