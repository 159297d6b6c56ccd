"""``make run`` as people meet it: a real process, what it says when it cannot start, and what it outlives."""

from __future__ import annotations

import http.cookiejar
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from local.postgres import UNPRIVILEGED, private_folder
from local.run import DATABASE, compile_translations
from local.signals import held
from tests.conftest import ROOT

# As browsers do, a Secure cookie goes to 127.0.0.1 without TLS.
LOOPBACK = http.cookiejar.DefaultCookiePolicy(secure_protocols=("https", "http"))
AS_ROOT = os.geteuid() == 0


def environment(**more: str) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}  # noqa: TID251
    return clean | {"PYTHONPATH": str(ROOT), **more}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(true: Callable[[], object], what: str, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"waited too long: {what}"
        time.sleep(0.05)


class Instance:
    """One product on this machine, over one data folder."""

    def __init__(
        self, data: Path, python: str = sys.executable, before: tuple[str, ...] = (), sockets: Path | None = None
    ) -> None:
        self.data, self.port, self.log = data, free_port(), data.parent / f"{data.name}.log"
        self.url, self.command = f"http://127.0.0.1:{self.port}", [*before, python, "-m", "local", "run"]
        self.sockets = sockets or private_folder(data)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            settings = environment(CORDEE_DATA=str(self.data), PORT=str(self.port))
            self.process = subprocess.Popen(self.command, cwd=ROOT, env=settings, stdout=log, stderr=log)
        until(lambda: self.healthy() or self.process is None or self.process.poll() is not None, "health")
        assert self.process.poll() is None, self.log.read_text()

    def healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/-/health", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def stop(self) -> int:
        """Ctrl-C."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)

    def processes(self) -> dict[int, str]:
        """Everything that runs for this instance: what names its data, or works in its folders."""
        marks, found = (str(self.data), str(self.sockets)), {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                said = command + (folder / "environ").read_bytes().decode(errors="replace") + str((folder / "cwd").readlink())
            except OSError:
                continue
            if command and any(mark in said for mark in marks):
                found[int(folder.name)] = command
        return found

    def pid(self, *words: str) -> int:
        """The oldest process whose command has these words."""
        return min(pid for pid, command in self.processes().items() if all(word in command for word in words))

    def ask(self, path: str, form: dict[str, str] | None = None) -> str:
        """A page; with a form, sent from the page of the same address as a browser would."""
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar(LOOPBACK)))
        with browser.open(self.url + path, timeout=10) as answer:
            page = str(answer.read().decode())
        if form is None:
            return page
        token = re.search(r'name="csrf-token" content="([^"]+)"', page)
        assert token is not None
        body = urllib.parse.urlencode({**form, "csrf_token": token[1]}).encode()
        request = urllib.request.Request(self.url + path, body, {"Referer": self.url + path})
        with browser.open(request, timeout=10) as answer:
            return str(answer.read().decode())

    def sql(self, question: str) -> object:
        dsn = f"host={self.sockets} user=postgres dbname={DATABASE}"
        with psycopg.connect(dsn, autocommit=True) as connection:
            row = connection.execute(question.encode()).fetchone()
        return row[0] if row else None

    def forget(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.stop()
        for pid in self.processes():  # only a failed test leaves any
            os.kill(pid, signal.SIGKILL)
        shutil.rmtree(self.sockets, ignore_errors=True)


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """As whoever runs the tests; for root that is below a folder that nobody else may enter, as pytest makes them."""
    running = Instance(tmp_path_factory.mktemp("run") / "data")
    try:
        running.start()
        yield running
    finally:
        running.forget()


def refusal(**settings: str) -> str:
    """What a start says that cannot be."""
    with tempfile.TemporaryDirectory() as folder:
        wanted = {"CORDEE_DATA": f"{folder}/data", "PORT": str(free_port()), **settings}
        done = subprocess.run(
            [sys.executable, "-m", "local", "run"], cwd=ROOT, env=environment(**wanted), capture_output=True, text=True,
            timeout=30, check=False,
        )  # fmt: skip
    assert done.returncode == 1 and done.stderr == "", done.stderr
    assert done.stdout.count("\n") == 1, done.stdout
    return done.stdout.strip()


def test_a_taken_port_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert refusal(PORT=str(port)) == (
            f"Cordée cannot start: port {port} is taken: stop what uses it, or run PORT=8001 make run"
        )


@pytest.mark.parametrize("port", ["eighty", "0", "99999", "-1", "80.5", "²"])
def test_a_port_that_is_no_number_is_named(port: str) -> None:
    assert refusal(PORT=port) == f"Cordée cannot start: PORT must be a number from 1 to 65535, not {port}"


def test_a_data_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = refusal(CORDEE_DATA=str(tmp_path / "file" / "data"))
    assert said.startswith(f"Cordée cannot start: the data folder {tmp_path}/file/data cannot be written: ")


def test_a_missing_setting_is_named_before_anything_starts() -> None:
    said = refusal(DATABASE_URL="postgresql+psycopg://app_login@/cordee?host=/nowhere")
    assert said == "Cordée cannot start: REDIS_URL is missing"
    assert refusal(SECRET_KEY="short", MAIL_URL="pigeon:") == (
        "Cordée cannot start: SECRET_KEY must have at least 32 characters; MAIL_URL must start with smtp://, smtps:// or be sandbox:"
    )


def test_a_database_that_does_not_answer_is_named() -> None:
    said = refusal(DATABASE_URL="postgresql+psycopg://app_login@/cordee?host=/nowhere", REDIS_URL="unix:///nowhere")
    assert said.startswith("Cordée cannot start: db upgrade failed: ") and "/nowhere" in said


def killed_and_back(instance: Instance, *words: str) -> None:
    """Kill one process by SIGKILL; wait until it and its kind are new, and the product is well."""
    old = {pid for pid, command in instance.processes().items() if all(word in command for word in words)}
    os.kill(min(old), signal.SIGKILL)

    def back() -> bool:
        now = {pid for pid, command in instance.processes().items() if all(word in command for word in words)}
        return bool(now) and not now & old and instance.healthy()

    until(back, " ".join(words))


def test_a_killed_web_server_comes_back(instance: Instance) -> None:
    killed_and_back(instance, "gunicorn")


def test_a_killed_worker_comes_back(instance: Instance) -> None:
    killed_and_back(instance, "flask", "worker")


def test_a_killed_postgresql_comes_back_with_everything_acknowledged(instance: Instance) -> None:
    asked = [f"asked{n}@nobody.example" for n in range(5)]
    for address in asked:
        instance.ask("/-/sign-in", {"email": address})
    killed_and_back(instance, "postgres", "-D")
    assert instance.sql("SELECT count(*) FROM sign_in_code WHERE email_norm LIKE 'asked%'") == len(asked)
    instance.ask("/-/sign-in", {"email": "later@nobody.example"})
    assert instance.sql("SELECT count(*) FROM sign_in_code WHERE email_norm LIKE 'later%'") == 1


def test_a_killed_redis_comes_back(instance: Instance) -> None:
    killed_and_back(instance, "redis-server")


@pytest.mark.skipif(not AS_ROOT, reason="only root meets folders that the server's user may not enter")
def test_root_starts_below_a_folder_that_others_cannot_read(instance: Instance) -> None:
    """PostgreSQL runs as an unprivileged user, and nobody's folder was opened for it."""
    closed = [folder for folder in instance.data.parents if folder.stat().st_mode & 0o005 == 0]
    assert closed, "pytest's folders are closed to others"
    uid = Path(f"/proc/{instance.pid('postgres', '-D')}").stat().st_uid
    assert uid not in (0, os.geteuid())


def test_ctrl_c_leaves_no_process_and_the_same_data_starts_again(instance: Instance) -> None:
    names = ("gunicorn", "worker", "cron", "postgres", "redis-server")
    running = " ".join(instance.processes().values())
    assert all(name in running for name in names)
    for n in range(5):
        instance.ask("/-/sign-in", {"email": f"kept{n}@nobody.example"})
    assert instance.stop() == 0
    assert instance.processes() == {}
    instance.start()
    assert instance.sql("SELECT count(*) FROM sign_in_code WHERE email_norm LIKE 'kept%'") == 5
    assert instance.sql("SELECT count(*) FROM firm") == 1
    assert "Traceback" not in instance.log.read_text(errors="replace").split("Stopping.")[-1]
    assert instance.stop() == 0
    assert instance.processes() == {}


def test_sigterm_while_starting_leaves_no_process(tmp_path: Path) -> None:
    starting = Instance(tmp_path / "data")
    settings = environment(CORDEE_DATA=str(starting.data), PORT=str(starting.port))
    try:
        process = subprocess.Popen(starting.command, cwd=ROOT, env=settings, stdout=subprocess.DEVNULL)
        until(lambda: any("postgres -D" in command for command in starting.processes().values()), "PostgreSQL's start")
        process.terminate()
        assert process.wait(30) == 0
        assert starting.processes() == {}
    finally:
        starting.forget()


def test_a_signal_while_a_process_is_being_started_waits_until_its_number_is_known() -> None:
    before, known = signal.signal(signal.SIGTERM, signal.default_int_handler), False
    try:
        with pytest.raises(KeyboardInterrupt), held():
            signal.raise_signal(signal.SIGTERM)
            known = True
    finally:
        signal.signal(signal.SIGTERM, before)
    assert known


def python_for_others(folder: Path) -> str:
    """A Python that an ordinary user may start, with this environment's packages. Skips where there is none."""
    own, system = Path(sys.executable), Path("/usr/bin") / f"python{sys.version_info[0]}.{sys.version_info[1]}"
    if (
        subprocess.run(["setpriv", *ORDINARY, "env", str(own), "-c", "import flask"], capture_output=True, check=False).returncode
        == 0
    ):
        return str(own)
    if not system.exists():
        pytest.skip(f"this Python is closed to other users, and there is no {system}")
    subprocess.run([str(system), "-m", "venv", "--without-pip", str(folder)], check=True)
    packages = next((folder / "lib").glob("python*/site-packages"))
    (packages / "tests.pth").write_text(sysconfig.get_path("purelib"))
    for name in ("flask", "gunicorn", "pybabel"):
        script = (own.parent / name).read_text().split("\n", 1)[1]
        (folder / "bin" / name).write_text(f"#!{folder}/bin/python\n{script}")
        (folder / "bin" / name).chmod(0o755)
    return str(folder / "bin" / "python")


ORDINARY = (f"--reuid={UNPRIVILEGED}", "--clear-groups", "--regid=65534")


@pytest.mark.skipif(not AS_ROOT, reason="the other tests of this file run as an ordinary user already")
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv is not installed")
def test_an_ordinary_user_starts_and_is_told_of_a_folder_not_theirs() -> None:
    compile_translations()
    with tempfile.TemporaryDirectory(prefix="cordee-user-") as folder:
        home = Path(folder)
        home.chmod(0o755)
        python = python_for_others(home / "python")
        (home / "closed").mkdir(mode=0o755)
        (home / "own").mkdir()
        shutil.chown(home / "own", UNPRIVILEGED)
        before = ("setpriv", *ORDINARY, "env", f"HOME={home}/own", f"TMPDIR={home}/own")
        closed = subprocess.run(
            [*before, python, "-m", "local", "run"], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False,
            env=environment(CORDEE_DATA=str(home / "closed" / "data"), PORT=str(free_port())),
        )  # fmt: skip
        assert closed.returncode == 1, closed.stderr
        assert closed.stdout == f"Cordée cannot start: the data folder {home}/closed/data cannot be written: Permission denied\n"
        theirs = Instance(home / "own" / "data", python, before, sockets=home / "own")
        try:
            theirs.start()
            owners = {Path(f"/proc/{pid}").stat().st_uid for pid, command in theirs.processes().items() if "postgres" in command}
            assert owners == {65534}
            assert theirs.stop() == 0
            assert theirs.processes() == {}
        finally:
            theirs.forget()
