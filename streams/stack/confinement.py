"""The kernel's bounds on a process: which directories it may change or read, and that it connects to nobody.

Landlock, which Linux has since 5.13: a process gives rights away for good, for itself and every thread it starts later.
So whatever a statement talks the engine into, it finds no file but the engine's own and no address. Where the kernel
has no Landlock, or one too old to let files move between directories, nothing is bound and only the checks on
statements are left.
"""

import ctypes
import os
import struct
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_FLAG: Final = 1
_PATH_BENEATH: Final = 1
_NO_NEW_PRIVILEGES: Final = 38
# By their bits, from the first: execute, write, read a file, read a directory, ... The last two came with versions 2
# and 3: move between directories, truncate.
_READ: Final = 1 << 0 | 1 << 2 | 1 << 3
_READ_FILE: Final = 1 << 2
_EVERYTHING: Final = (1 << 15) - 1
_CONNECT_TCP: Final = 1 << 1
_OLDEST: Final = 3
_FIRST_WITH_NETWORK: Final = 4

_LIBRARIES: Final = ("/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/localtime", "/sys/fs/cgroup")
_DEVICES: Final = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")
# What an engine reads of its machine and of itself; `/proc/self/environ` is not among it.
_STATE: Final = (
    *("/proc/meminfo", "/proc/cpuinfo", "/proc/stat", "/proc/loadavg", "/proc/uptime", "/proc/sys/vm"),
    *("/proc/self/statm", "/proc/self/stat", "/proc/self/status", "/proc/self/cgroup", "/proc/self/maps"),
    *("/proc/self/mountinfo", "/proc/self/io", "/sys/devices/system"),
)


def confine(own: Path, *, readable: Iterable[Path] = ()) -> bool:
    """From here on, this thread and those it starts change nothing but the directory `own`, and connect to nobody.

    Returns whether the kernel does it. Threads that run already are not bound: call this first.

    Raises:
        OSError: the directory cannot be opened.
    """
    version = _call(_CREATE_RULESET, None, 0, _VERSION_FLAG) if sys.platform == "linux" else -1
    if version < _OLDEST:
        return False
    network = _CONNECT_TCP if version >= _FIRST_WITH_NETWORK else 0
    handled = struct.pack("QQ", _EVERYTHING, network) if network else struct.pack("Q", _EVERYTHING)
    rules = _call(_CREATE_RULESET, handled, len(handled), 0)
    if rules < 0:
        return False
    try:
        _allow(rules, own, _EVERYTHING)
        for path in (*readable, *_system()):
            with suppress(OSError):  # what is not there need not be read
                _allow(rules, path, _READ)
        return _no_new_privileges() and _call(_RESTRICT_SELF, rules, 0) == 0
    finally:
        os.close(rules)


def _system() -> Iterable[Path]:
    """Python and its packages, as some are loaded late, and what an engine reads of the machine."""
    package = Path(__file__).resolve().parents[1]
    pythons = {Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve().parents[1]}
    return (*pythons, package, package.with_name("schemas"), *map(Path, (*_LIBRARIES, *_DEVICES, *_STATE)))


def _allow(rules: int, path: Path, rights: int) -> None:
    opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = struct.pack("=Qi", rights if path.is_dir() else rights & _READ_FILE, opened)
        _call(_ADD_RULE, rules, _PATH_BENEATH, rule, 0)
    finally:
        os.close(opened)


def _no_new_privileges() -> bool:
    """No program that it starts has more rights than it; the kernel asks for this first."""
    return int(ctypes.CDLL(None).prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)) == 0


def _call(number: int, *arguments: bytes | int | None) -> int:
    """The kernel's answer; below 0: it has no such call, or refuses."""
    plain = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    return int(ctypes.CDLL(None).syscall(ctypes.c_long(number), *plain))
