"""A small TCP proxy between all clients and the broker, which can cut, delay, and hold what passes."""

import asyncio
import contextlib
import logging
import socket
import struct
import threading
import time

UP, DOWN = "up", "down"  # from clients to the broker, and back
_CHUNK = 65536


class _Connection:
    def __init__(self, client, broker):
        self.ends = (client, broker)

    def reset(self):
        """RST to both sides, as a firewall does that has forgotten the connection."""
        for writer in self.ends:
            with contextlib.suppress(OSError, RuntimeError):
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()

    def close(self):
        for writer in self.ends:
            writer.close()


class Proxy:
    """Owned by one thread of its own; the methods may be called from any. `port` is there at once, `target` is set later."""

    def __init__(self):
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=200)
        self.port = self._listener.getsockname()[1]
        self.target = None
        self.refusing = False
        self._delay = 0.0
        self._held = set()
        self._flows = None  # an asyncio.Condition of the loop
        self._connections = set()
        self._loop = asyncio.new_event_loop()
        logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # connections that break are its business
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        asyncio.set_event_loop(self._loop)
        self._flows = asyncio.Condition()
        self._loop.run_until_complete(asyncio.start_server(self._accept, sock=self._listener))
        self._loop.run_forever()

    def cut(self):
        """Ends all connections in order; new ones are refused until heal()."""
        self.refusing = True
        self._each(_Connection.close)

    def reset(self):
        self._each(_Connection.reset)

    def delay(self, seconds):
        self._delay = seconds

    def hold(self, *directions):
        """Half-open: connections stay, and nothing passes in these directions until release()."""
        self._held = set(directions)

    def release(self, reset):
        """What was held passes now, late; or is lost with its connections."""
        if reset:
            self.reset()
        self._held = set()
        asyncio.run_coroutine_threadsafe(self._wake(), self._loop)

    def heal(self):
        self.refusing = False
        self._delay = 0.0
        self.release(reset=False)

    def _each(self, act):
        self._loop.call_soon_threadsafe(lambda: [act(connection) for connection in list(self._connections)])

    async def _wake(self):
        async with self._flows:
            self._flows.notify_all()

    async def _accept(self, reader, writer):
        if self.refusing or self.target is None:
            writer.transport.abort()
            return
        try:
            broker_reader, broker_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        connection = _Connection(writer, broker_writer)
        self._connections.add(connection)
        try:
            await asyncio.gather(self._pump(reader, broker_writer, UP), self._pump(broker_reader, writer, DOWN))
        finally:
            self._connections.discard(connection)
            connection.close()

    async def _pump(self, reader, writer, direction):
        """Chunks keep their order, and each its own delay."""
        chunks = asyncio.Queue(maxsize=256)
        sender = asyncio.ensure_future(self._send(chunks, writer, direction))
        try:
            while data := await reader.read(_CHUNK):
                await chunks.put((time.monotonic() + self._delay, data))
        except OSError:
            pass
        finally:
            await chunks.put((0.0, b""))
            await sender

    async def _send(self, chunks, writer, direction):
        while True:
            due, data = await chunks.get()
            if not data:
                writer.close()
                return
            if (wait := due - time.monotonic()) > 0:
                await asyncio.sleep(wait)
            async with self._flows:
                await self._flows.wait_for(lambda: direction not in self._held)
            try:
                writer.write(data)
                await writer.drain()
            except (OSError, RuntimeError):
                pass  # the reader of the other side will see it
