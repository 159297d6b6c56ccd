"""What the product's pages are held against: a bare Flask page, and one with a single psycopg query and a template."""

from __future__ import annotations

import os

import psycopg
from flask import Flask, render_template_string

PAGE = """<!doctype html><title>List</title><table>{% for row in rows %}<tr><td>{{ row[0] }}</td><td>{{ row[1] }}</td>
<td>{{ row[2] }}</td></tr>{% endfor %}</table>"""

app = Flask(__name__)
_connections: dict[int, psycopg.Connection[tuple[object, ...]]] = {}


@app.get("/hello")
def hello() -> str:
    return "hello"


@app.get("/list")
def rows() -> str:
    """Twenty-five rows of one table, read as a superuser: no walls, no sign-in."""
    pid = os.getpid()
    if pid not in _connections:
        _connections[pid] = psycopg.connect(os.environ["BENCH_DSN"], autocommit=True)
    found = _connections[pid].execute("SELECT first_name, last_name, email FROM member ORDER BY name_folded LIMIT 25").fetchall()
    return render_template_string(PAGE, rows=found)
