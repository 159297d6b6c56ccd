"""Commands of the operator and of the supervisor: ``flask --app wsgi …``."""

from __future__ import annotations

from flask import Flask

from saas.cli.firms import init_firms
from saas.cli.jobs import init_jobs
from saas.cli.journal import init_journal
from saas.cli.mail import init_mail
from saas.cli.processes import init_processes
from saas.cli.secrets import init_secrets


def init_cli(app: Flask) -> None:
    init_processes(app)
    init_firms(app)
    init_jobs(app)
    init_mail(app)
    init_journal(app)
    init_secrets(app)
