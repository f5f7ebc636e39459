"""One request between the event loop, where its bytes come and go, and the thread that asks the engine for it.

The engine's calls block, and a connection to it belongs to one thread. So each request has a thread. What it reads
comes through a queue of a few pieces: a client that sends faster than the engine reads is made to wait.
"""

import asyncio
import queue
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Final

from streams.stack.engine_body import BodyError

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_QUEUED_PIECES: Final = 16
_BODY_S: Final = 60.0
_READER_S: Final = 300.0


class ClientGoneError(Exception):
    """Nobody waits for this request any more."""


class Bridge:
    """The two ends of one request."""

    def __init__(self, scope: Message, receive: Receive, send: Send) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._loop = asyncio.get_running_loop()
        self._room = asyncio.Semaphore(_QUEUED_PIECES)
        self._queue: queue.SimpleQueue[bytes | Exception | None] = queue.SimpleQueue()
        self._is_gone = False

    async def run(self, work: Callable[[], None]) -> None:
        """Do the work in a thread of its own, the body flowing to it meanwhile."""
        done: asyncio.Future[None] = self._loop.create_future()
        threading.Thread(target=self._work, args=(work, done), name="request", daemon=True).start()
        pump = self._loop.create_task(self._pump())
        try:
            await done
        finally:
            pump.cancel()

    def pieces(self) -> Iterator[bytes]:
        """The body as it comes; for the thread.

        Raises:
            BodyError: it ends early, or stops coming.
            ClientGoneError: the client left.
        """
        while (item := self._queue.get()) is not None:
            self._loop.call_soon_threadsafe(self._room.release)
            if isinstance(item, Exception):
                raise item
            if item:
                yield item

    def send(self, *messages: Message) -> None:
        """Hand messages to the client, at the speed at which it reads; for the thread.

        Raises:
            ClientGoneError: the client left, or reads no more.
        """
        if self._is_gone:
            raise ClientGoneError
        asyncio.run_coroutine_threadsafe(self._send_all(messages), self._loop).result()

    async def _send_all(self, messages: tuple[Message, ...]) -> None:
        try:
            async with asyncio.timeout(_READER_S):
                for message in messages:
                    await self._send(message)
        except TimeoutError:
            self._is_gone = True
            raise ClientGoneError from None

    def _work(self, work: Callable[[], None], done: "asyncio.Future[None]") -> None:
        try:
            work()
        finally:
            self._loop.call_soon_threadsafe(_finish, done)

    async def _pump(self) -> None:
        try:
            await self._pump_body()
            self._queue.put(None)
        except (BodyError, ClientGoneError) as error:
            self._queue.put(error)
        if not self._is_gone:
            await self._receive()  # returns when the client leaves
            self._is_gone = True

    async def _pump_body(self) -> None:
        more = True
        while more:
            await self._room.acquire()
            message = await self._next()
            if message["type"] == "http.disconnect":
                self._is_gone = True
                raise ClientGoneError
            if body := message.get("body", b""):
                self._queue.put(body)
            else:
                self._room.release()
            more = message.get("more_body", False)
            # The last bytes may have come with the end: what is received after it is all there was.
            if more and self._scope.get("is_cut"):
                raise BodyError("the body ended early")

    async def _next(self) -> Message:
        try:
            async with asyncio.timeout(_BODY_S):
                return await self._receive()
        except TimeoutError:
            raise BodyError(f"nothing more of the body came for {_BODY_S:.0f} s") from None


def _finish(done: "asyncio.Future[None]") -> None:
    if not done.done():
        done.set_result(None)
