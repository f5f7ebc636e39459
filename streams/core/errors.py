"""The errors that a person meets: one line on stderr and an exit status, never a traceback.

ZectoError          exit 1: the world is not as it must be (broker away, topic unfit, port taken, bad data file)
└── UsageError      exit 2: the call cannot be meant so (month malformed, file missing, unknown topic)

A message says what is wrong and what to do, in one line, without a full stop.
"""


class ZectoError(Exception):
    """Something outside this program stands in the way; the message says what to do."""

    exit_code = 1


class UsageError(ZectoError):
    """The command was called in a way that cannot work; the message says how it is meant."""

    exit_code = 2
