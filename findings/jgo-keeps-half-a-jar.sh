#!/bin/sh
# jgo 3.2.0, which fetches Maven artifacts for Python programs.
#
# Expected: a download that breaks off leaves nothing behind that a later call takes for the artifact; the cache of
# other Maven clients holds whole files only.
# Seen: the first call raises, and the second returns what the first had written, without asking the repository again:
# 73,728 of 160,000 bytes, as a jar like any other.
# What we do: fetch each try into a directory of its own, and hold the file to its SHA-256 (streams/stack/jars.py).
#
# Exits 0 when it sees exactly this, 1 otherwise.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check jgo==3.2.0
"$work/venv/bin/python" - "$work/cache" <<'PROGRAM'
import http.server
import sys
import threading
from importlib.metadata import version
from pathlib import Path

from jgo.maven import MavenContext, PythonResolver

BODY = b"any jar's bytes " * 10_000
asked = []


class Repository(http.server.BaseHTTPRequestHandler):
    """Sends half of the jar to the first who asks for it, and all of it to everybody else."""

    def do_GET(self):
        if not self.path.endswith(".jar"):
            self.send_error(404)
            return
        asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY[: len(BODY) // 2] if len(asked) == 1 else BODY)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Repository)
threading.Thread(target=server.serve_forever, daemon=True).start()
context = MavenContext(
    resolver=PythonResolver(),
    repo_cache=Path(sys.argv[1]),
    remote_repos={"local": f"http://127.0.0.1:{server.server_port}/maven"},
    timeout=5,
)
seen = []
for _ in range(2):
    try:
        jar = context.project("org.example", "demo").at_version("1.0").artifact().resolve()
        seen.append("whole" if jar.stat().st_size == len(BODY) else "part of it")
        print(f"returned {jar.name}: {jar.stat().st_size:,} of {len(BODY):,} bytes; asked {len(asked)} times")
    except Exception as error:
        seen.append("raised")
        print(f"raised {type(error).__name__}; asked {len(asked)} times")
print("jgo", version("jgo"))
sys.exit(seen != ["raised", "part of it"] or len(asked) != 1)
PROGRAM
