"""A confined process changes nothing but its own directory, reads no file of others and connects to nobody."""

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

_SCRIPT = """
import json, socket, sys
from pathlib import Path
from streams.stack.confinement import confine
own, other, port = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
if not confine(own, readable=(other / "named",)):
    sys.exit(3)
def works(attempt):
    try:
        attempt()
    except OSError:
        return False
    return True
(own / "a").mkdir()
(own / "b").mkdir()
attempts = {
    "own file": lambda: (own / "a" / "x").write_text("x"),
    "own file moved": lambda: (own / "a" / "x").rename(own / "b" / "x"),
    "own file linked": lambda: (own / "a" / "y").hardlink_to(own / "b" / "x"),
    "own file cut": lambda: (own / "b" / "x").open("w").close(),
    "own directory removed": lambda: ((own / "a" / "y").unlink(), (own / "a").rmdir()),
    "named file read": (other / "named").read_text,
    "module loaded": lambda: __import__("wave"),
    "named file written": lambda: (other / "named").write_text("x"),
    "other file read": (other / "secret").read_text,
    "other file written": lambda: (other / "new").write_text("x"),
    "other directory listed": lambda: list(other.iterdir()),
    "environment read": Path("/proc/self/environ").read_bytes,
    "users read": Path("/etc/passwd").read_bytes,
    "other file by a link": lambda: ((own / "l").symlink_to(other / "secret"), (own / "l").read_text()),
    "connection": lambda: socket.create_connection(("127.0.0.1", port), 5).close(),
}
print(json.dumps([name for name, attempt in attempts.items() if works(attempt)]))
"""


def test_a_confined_process_reaches_only_what_is_its_own(tmp_path: Path) -> None:
    own, other = tmp_path / "own", tmp_path / "other"
    own.mkdir()
    other.mkdir()
    (other / "named").write_text("named")
    (other / "secret").write_text("secret")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        arguments = [str(own), str(other), str(listening.getsockname()[1])]
        done = subprocess.run(
            [sys.executable, "-c", _SCRIPT, *arguments], capture_output=True, text=True, check=False, timeout=60
        )
    if done.returncode == 3:
        pytest.skip("this kernel has no Landlock")
    assert done.stderr == ""
    assert json.loads(done.stdout) == [
        *("own file", "own file moved", "own file linked", "own file cut", "own directory removed"),
        *("named file read", "module loaded"),
    ]
