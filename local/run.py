"""``make run``: services, database, demo, then web, worker and cron under one supervisor until Ctrl-C."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from local.postgres import CannotStart
from local.services import Services
from local.signals import held
from saas.config import BadSettings, read

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
DATABASE = "cordee"


def say(text: str) -> None:
    print(text, flush=True)


@dataclass
class Child:
    """A process that is started again when it dies, later and later."""

    name: str
    command: list[str]
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    fails: int = 0
    born: float = 0.0
    wait_until: float = field(default=0.0)

    def start(self) -> None:
        with held():
            self.process = subprocess.Popen(self.command, cwd=ROOT, env=dict(self.environment), start_new_session=True)
        self.born = time.monotonic()

    def watch(self) -> None:
        """Start again what died: at once the first time, then after 1, 2, 4 … 30 seconds."""
        if self.process is None or self.process.poll() is None:
            return
        if not self.wait_until:
            end_session(self.process.pid)
            self.fails = 0 if time.monotonic() - self.born > 60 else self.fails + 1
            delay = min(2 ** max(self.fails - 1, 0), 30) if self.fails > 1 else 0
            self.wait_until = time.monotonic() + delay
            say(f"{self.name} stopped ({self.process.returncode}); starting it again{f' in {delay} s' if delay else ''}")
        if time.monotonic() >= self.wait_until:
            self.wait_until = 0.0
            self.start()

    def stop(self, seconds: float) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            pass
        finally:
            end_session(self.process.pid)


def end_session(leader: int) -> None:
    """Kill what a process left behind: its group, and a worker's child, which has a group of its own in the same session."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(stat.read_text().rpartition(")")[2].split()[3]) == leader:
                os.kill(int(stat.parent.name), signal.SIGKILL)


def data_folder() -> Path:
    return Path(os.environ.get("CORDEE_DATA", ROOT / ".data")).absolute()


def port_number() -> int:
    """Where to answer. Raises CannotStart when PORT says no such thing."""
    said = os.environ.get("PORT") or "8000"
    if not said.isdecimal() or not 0 < int(said) < 65536:
        raise CannotStart(f"PORT must be a number from 1 to 65535, not {said}")
    return int(said)


def check_port(port: int) -> None:
    """Raises CannotStart when somebody listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise CannotStart(f"port {port} is taken: stop what uses it, or run PORT=8001 make run") from None


def secret_key(data: Path) -> str:
    """A random key, made once and kept beside the data."""
    path = data / "secret_key"
    try:
        data.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(48))
        return path.read_text()
    except OSError as error:
        raise CannotStart(f"the data folder {data} cannot be written: {error.strerror}") from None


def environment(data: Path, services: Services | None, port: int) -> dict[str, str]:
    """The settings of the product's processes: what is set wins over what is embedded."""
    defaults = {
        "SECRET_KEY": secret_key(data),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "MAIL_URL": "sandbox:",
        "STRIPE_URL": "sandbox:",
        "DNS_SERVER": "sandbox:",
        "STORAGE_DIR": str(data / "files"),
        "CORDEE_DEMO": "1",
    }
    if services is not None:
        defaults |= {
            "DATABASE_URL": services.postgres.url("app_login", DATABASE),
            "MIGRATION_DATABASE_URL": services.postgres.url("postgres", DATABASE),
            "REDIS_URL": services.redis.url,
        }
    return {**defaults, **os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"}


def check_settings(env: Mapping[str, str]) -> None:
    """Raises CannotStart with every fault of the settings, before anything is started."""
    try:
        read(env)
    except BadSettings as bad:
        raise CannotStart("; ".join(line.removeprefix("- ") for line in str(bad).splitlines()[1:])) from None


def flask(env: Mapping[str, str], *arguments: str) -> str:
    """Run one of the product's commands to its end; its words on failure become the one clear line."""
    done = subprocess.run(
        [str(BIN / "flask"), "--app", "wsgi", *arguments],
        cwd=ROOT,
        env=dict(env),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [str(done.returncode)]
        named = [line for line in lines if re.match(r"[\w.]+: ", line)]  # the error itself, not what is said around it
        raise CannotStart(f"{' '.join(arguments)} failed: {(named or lines)[-1]}")
    return done.stdout


def compile_translations() -> None:
    """Compile catalogues that are newer than their compiled form."""
    for source in (ROOT / "translations").glob("*/LC_MESSAGES/messages.po"):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            command = [str(BIN / "pybabel"), "compile", "-i", str(source), "-o", str(target), "-l", source.parts[-3]]
            done = subprocess.run(command, check=False, capture_output=True, text=True)
            if done.returncode:
                raise CannotStart(f"{target} cannot be written: {done.stderr.strip().splitlines()[-1]}")


def prepare(services: Services | None, env: Mapping[str, str]) -> None:
    """Database, migrations, demo: all of it does nothing when it is done already."""
    if services is not None:
        services.create_database(DATABASE)
        services.bootstrap(DATABASE)
    compile_translations()
    flask(env, "db", "upgrade")
    if env.get("CORDEE_DEMO") == "1":
        said = flask(env, "demo", "load").strip()
        if said:
            say(said)


def children(env: Mapping[str, str], port: int) -> list[Child]:
    web = ["gunicorn", "wsgi:app", "--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", "4",
           "--worker-class", "gthread", "--log-level", "warning", "--no-control-socket"]  # fmt: skip
    commands = {"web": web, "worker": ["flask", "--app", "wsgi", "worker"], "cron": ["flask", "--app", "wsgi", "cron"]}
    return [Child(name, [str(BIN / command[0]), *command[1:]], env) for name, command in commands.items()]


def wait_for(url: str) -> None:
    for _ in range(200):
        try:
            with urllib.request.urlopen(f"{url}/-/health", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise CannotStart(f"{url} does not answer")


def supervise(services: Services | None, own: list[Child]) -> None:
    """Watch until a signal comes."""
    stopping = False

    def stop(*_: object) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    while not stopping:
        for child in own:
            child.watch()
        if services is not None:
            revive(services)
        time.sleep(0.3)


def revive(services: Services) -> None:
    """Start again a service that died. What it left of itself may take a moment to go: it is tried for ten seconds."""
    for name, service in (("PostgreSQL", services.postgres), ("Redis", services.redis)):
        if not service.process or service.process.poll() is None:
            continue
        say(f"{name} stopped ({service.process.returncode}); starting it again")
        for tries_left in reversed(range(10)):
            try:
                service.start()
                break
            except CannotStart:
                if not tries_left:
                    raise
                time.sleep(1)


def main() -> int:
    """The whole of ``make run``. One clear line and 1 when something cannot be."""
    began, data = time.monotonic(), data_folder()
    embedded = "DATABASE_URL" not in os.environ
    services = Services(data) if embedded else None
    own: list[Child] = []
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # while starting, both mean: tidy up and go
    try:
        port = port_number()
        check_port(port)
        env = environment(data, services, port)
        check_settings(env)
        if services is not None:
            services.start()
        prepare(services, env)
        own = children(env, port)
        for child in own:
            child.start()
        wait_for(f"http://127.0.0.1:{port}")
        say(f"\nCordée answers at {env['PUBLIC_URL']} ({time.monotonic() - began:.1f} s). Ctrl-C stops it.")
        if env.get("CORDEE_DEMO") == "1":
            say(flask(env, "demo", "sign-ins"))
        supervise(services, own)
        say("\nStopping.")
    except CannotStart as fault:
        say(f"Cordée cannot start: {fault}")
        return 1
    except KeyboardInterrupt:
        say("\nStopping.")
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not cut the tidying short
        for child in own:
            child.stop(10)
        if services is not None:
            services.stop()
    return 0
