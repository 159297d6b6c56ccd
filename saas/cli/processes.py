"""``flask --app wsgi worker | cron``: what the supervisor keeps running."""

from __future__ import annotations

import time

import click
from flask import Flask, current_app

from tenants import queue

EVERY = 2


def init_processes(app: Flask) -> None:
    @app.cli.command("worker")
    def worker() -> None:
        """Do the work that the outbox asks for, until told to stop."""
        queue.work()

    @app.cli.command("cron")
    def cron() -> None:
        """Knock every two seconds: what the schedule says is due, and what no worker picked up."""
        click.echo("cron: knocking")
        while True:
            try:
                queue.tick()
            except Exception as error:  # Redis or PostgreSQL away: the next knock finds them back
                current_app.logger.warning("cron: %s", error)
            time.sleep(EVERY)
