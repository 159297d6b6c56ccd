"""Logs: one line an event, as JSON where nobody watches; never a secret, never a body."""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

import structlog
from flask import Flask

# What some readers of a log take for the end of a line, and JSON leaves as it is.
BREAKS = {ord(char): f"\\u{ord(char):04x}" for char in "\u0085\u2028\u2029"}


def _one_line(event: object, **options: Any) -> str:
    """One event as one line, whatever was typed into it."""
    return json.dumps(event, ensure_ascii=False, **options).translate(BREAKS)


def init_logs(app: Flask) -> None:
    watched = sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer() if watched else structlog.processors.JSONRenderer(serializer=_one_line),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
