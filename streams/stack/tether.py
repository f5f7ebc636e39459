"""A child process that does not outlive its parent, even if the parent is killed with -9.

`python -m streams.stack.tether PARENT_PID PROGRAM ARGUMENT...` becomes PROGRAM, tethered. The kernel does it (Linux:
PR_SET_PDEATHSIG, which survives exec); elsewhere the child is not tethered, and the orderly stop has to do.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def die_with(parent_pid: int) -> None:
    """Get SIGTERM when the parent dies; exit at once if it is dead already."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent_pid:
        sys.exit(1)


if __name__ == "__main__":
    die_with(int(sys.argv[1]))
    os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606  the parent's own list, no shell
