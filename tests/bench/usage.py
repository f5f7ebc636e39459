"""What a process and its children use: processor time, and memory at its peak."""

import psutil

_MIB = 1 << 20


def cpu_s(pid: int) -> float:
    """Processor seconds of a process and of its children so far; of one that has ended, until somebody waits for it."""
    return sum(_own_cpu_s(process) for process in _tree(pid))


def rss_mib(pid: int) -> float:
    """Memory that a process and its children hold now."""
    return sum(_own_rss_mib(process) for process in _tree(pid))


def _tree(pid: int) -> list[psutil.Process]:
    try:
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _own_cpu_s(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)


def _own_rss_mib(process: psutil.Process) -> float:
    try:
        return float(process.memory_info().rss / _MIB)
    except psutil.NoSuchProcess:
        return 0.0
