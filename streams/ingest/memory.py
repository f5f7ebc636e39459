"""Keeps a worker's memory near what it holds: blocks come and go by megabytes, on several threads."""

import ctypes
import os
import sys
from importlib.abc import MetaPathFinder
from typing import Final

# From glibc's malloc.h. Each thread would get heaps of its own, and none would shrink.
_M_TRIM_THRESHOLD: Final = -1
_M_MMAP_THRESHOLD: Final = -3
_M_ARENA_MAX: Final = -8

_ARENAS: Final = 1
_RETURNED_BYTES: Final = 1 << 20


def return_memory_early() -> None:
    """Have freed buffers go back to the system; call once, before there are threads and before Arrow is imported.

    Arrow's own allocator keeps what is freed, and parts of Arrow take it whatever pool is set later. Without glibc its
    allocator is all that changes.
    """
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, _ARENAS)
        mallopt(_M_MMAP_THRESHOLD, _RETURNED_BYTES)
        mallopt(_M_TRIM_THRESHOLD, _RETURNED_BYTES)


def leave_pandas_out() -> None:
    """Spare this process pandas, which nothing here uses; call once, before Arrow is used.

    Arrow imports it with the first array if it is there, and the embedded engine brings it: 46 MB and half a second.
    """
    sys.meta_path.insert(0, _WithoutPandas())


class _WithoutPandas(MetaPathFinder):
    def find_spec(self, fullname: str, _path: object, _target: object = None) -> None:
        if fullname == "pandas":
            raise ModuleNotFoundError("this process does without pandas", name=fullname)
