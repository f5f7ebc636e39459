"""A page of another origin in a real browser: nothing of a running stack can be read, written or asked."""

import json
import os
import queue
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from streams.clickhouse.client import connect
from streams.operations.migrate import migrate
from streams.stack.stack import EmbeddedStack

pytestmark = [pytest.mark.stack, pytest.mark.deep]

_CHROMIUM = shutil.which("chromium") or ""
_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)
# Every way by which a page sends something to another address; what it could read is written into the page.
_SCRIPT = """
const told = [];
async function attempt(name, work) {
  try { const found = await work(); if (found) told.push(name + ": " + found); } catch (error) { /* refused */ }
}
async function text(url, options) { return await (await fetch(url, options)).text(); }
(async () => {
  for (const url of URLS) {
    await attempt("fetch " + url, () => text(url));
    await attempt("with credentials " + url, () => text(url, {credentials: "include"}));
    await attempt("post " + url, () => text(url, {method: "POST", body: WRITE}));
    await attempt("header " + url, () => text(url, {headers: {"X-ClickHouse-Key": "x", Authorization: "Bearer x"}}));
    await attempt("no-cors " + url, async () => { await fetch(url, {mode: "no-cors", method: "POST", body: WRITE}); });
    await attempt("socket " + url, () => new Promise((done) => {
      const socket = new WebSocket(url.replace("http", "ws"));
      socket.onopen = () => done("opened"); socket.onerror = socket.onclose = () => done("");
    }));
    await attempt("script " + url, () => new Promise((done) => {
      const tag = document.createElement("script");
      tag.src = url; tag.onload = () => done("ran"); tag.onerror = () => done("");
      document.head.append(tag);
    }));
    const form = document.createElement("form"), frame = document.createElement("iframe"), image = new Image();
    frame.name = "f" + Math.random(); document.body.append(frame);
    form.action = url; form.method = "POST"; form.enctype = "text/plain"; form.target = frame.name;
    const field = document.createElement("input"); field.name = WRITE; form.append(field);
    document.body.append(form); form.submit(); image.src = url;
    await new Promise((done) => setTimeout(done, 300));
    await attempt("frame " + url, () => frame.contentDocument && frame.contentDocument.body.innerText);
  }
  await fetch("/told", {method: "POST", body: JSON.stringify(told)});
})();
"""


class _Page(BaseHTTPRequestHandler):
    body = b""
    told: "queue.SimpleQueue[bytes]" = queue.SimpleQueue()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/told":
            self.told.put(body)
        self.send_response(204)
        self.end_headers()

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def page() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def _told(page: ThreadingHTTPServer, urls: list[str], write: str, profile: Path) -> list[str]:
    script = f"const URLS = {json.dumps(urls)}, WRITE = {json.dumps(write)};{_SCRIPT}"
    _Page.body = f"<!doctype html><body><script>{script}</script>".encode()
    command = [_CHROMIUM, *_FLAGS, f"--user-data-dir={profile}", f"http://localhost:{page.server_port}/"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as browser:
        try:
            told: list[str] = json.loads(_Page.told.get(timeout=90))
        finally:
            browser.terminate()
    return told


@pytest.mark.skipif(not _CHROMIUM and "CI" not in os.environ, reason="needs chromium, which CI installs")
def test_a_page_of_another_origin_reaches_nothing(page: ThreadingHTTPServer, tmp_path: Path) -> None:
    with EmbeddedStack(tmp_path / "data", prepare=migrate, web=True) as stack:
        write = "CREATE DATABASE written_by_a_page"
        engine = f"http://127.0.0.1:{stack.engine.port}"
        web = stack.environment()["ZECTO_WEB_URL"]
        urls = [
            f"{engine}/",
            f"{engine}/ping",
            f"{engine}/?query={quote('SELECT 1')}",
            f"{engine}/?query={quote(write)}",
        ]
        urls += [f"{web}/v1/decisions", f"http://{stack.broker.bootstrap}/"]
        # a page that knew the password would be refused all the same
        urls.append(f"{engine}/?password={urlsplit(stack.engine.url).password}&query={quote(write)}")
        assert _told(page, urls, write, tmp_path / "profile") == []
        own = f"http://localhost:{page.server_port}/own"
        assert f"fetch {own}: " in str(_told(page, [own], write, tmp_path / "control")), "no attempt would be seen"
        with connect(stack.settings()) as client:
            assert client.command("SELECT count() FROM system.databases WHERE name = 'written_by_a_page'") == 0
        assert all(part.is_running for part in (stack.engine.part, stack.broker.part, stack.worker))
