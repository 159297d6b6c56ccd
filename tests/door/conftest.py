"""What tests of the door share."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
import structlog
from flask import Flask


@pytest.fixture
def log_lines(app: Flask) -> Iterator[io.StringIO]:
    """What the product writes to its log meanwhile, as it is written."""
    out, kept = io.StringIO(), structlog.get_config()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(out))
    yield out
    structlog.configure(**kept)
