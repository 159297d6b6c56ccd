"""``python -m local run | services | reset``."""

from __future__ import annotations

import shutil
import signal
import sys

from local import run
from local.postgres import CannotStart, private_folder
from local.services import Services

STOPPING = {signal.SIGINT, signal.SIGTERM}


def services() -> int:
    """Start the embedded services alone and print their addresses."""
    try:
        with Services(run.data_folder()) as both:
            # Kept back until sigwait takes them, once the servers run (they would inherit it): else a signal would end
            # this process and leave them behind.
            signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
            both.create_database(run.DATABASE)
            both.bootstrap(run.DATABASE)
            run.say(f"DATABASE_URL={both.postgres.url('app_login', run.DATABASE)}")
            run.say(f"MIGRATION_DATABASE_URL={both.postgres.url('postgres', run.DATABASE)}")
            run.say(f"REDIS_URL={both.redis.url}")
            signal.sigwait(STOPPING)
    except CannotStart as fault:
        run.say(f"Cordée cannot start: {fault}")
        return 1
    return 0


def reset() -> int:
    """Delete the local data, after asking."""
    data = run.data_folder()
    if input(f"Delete everything in {data}? Type yes: ") != "yes":
        return 1
    for folder in (data, private_folder(data)):
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit({"run": run.main, "services": services, "reset": reset}[sys.argv[1]]())
