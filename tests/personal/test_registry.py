"""No table is forgotten: whatever can point to a person is declared by its feature, or has a written reason."""

from __future__ import annotations

import psycopg
import pytest
from flask import Flask
from sqlalchemy import Column, MetaData, Table, Text

from saas.kit.personal import REGISTRY
from saas.kit.retention import BATCH, KEPT
from tenants.db import db
from tenants.queue import JOBS
from tenants.scope import Kind

# Columns that can lead to a person, or hold what one is called.
POINTS = {
    "account_id", "member_id", "staff_id", "author_id", "actor_id", "enrolment_id", "advisor_id", "subject_id", "actor", "by",
    "to", "email", "email_norm", "name", "first_name", "last_name", "signed_name", "invited_by", "pilot_name", "signatory", "phone",
    "device", "network", "asked_by", "note", "text", "label", "rows", "cells", "frozen", "subject",
}  # fmt: skip


def points(table: Table) -> bool:
    return any(name in POINTS or name.endswith("_by") for name in table.c.keys())  # noqa: SIM118


def forgotten(metadata: MetaData) -> list[str]:
    """Tables that can point to a person and are neither in a part nor excused."""
    known = {name for part in REGISTRY.parts for name in part.tables} | set(REGISTRY.without)
    return [name for name, table in sorted(metadata.tables.items()) if points(table) and name not in known]


def test_no_table_is_forgotten(app: Flask) -> None:
    assert forgotten(db.metadata) == [], (
        "say in the feature's personal.py what it holds (a Part with read and erase), or why it concerns nobody (not_personal)"
    )


def test_a_new_table_about_people_is_noticed(app: Flask) -> None:
    """A table on a map of its own."""
    other = MetaData()
    Table("diary", other, Column("member_id", Text))
    assert forgotten(other) == ["diary"]


def test_every_table_named_exists_and_is_named_once(app: Flask) -> None:
    named = [name for part in REGISTRY.parts for name in part.tables]
    assert set(named) | set(REGISTRY.without) <= set(db.metadata.tables)
    assert len(named) == len(set(named))
    assert not set(named) & set(REGISTRY.without), "either it holds something, or it does not"


def test_every_part_of_a_member_can_be_erased_or_says_who_does(app: Flask) -> None:
    """What has no `erase` of its own is taken away by another part's function, or held by the law."""
    with_others = {
        "needs": "forget_traces", "mails": "forget_traces", "posts": "forget_said", "rsvps": "forget_said",
        "attendance": "the law", "certificates": "the law", "invoices": "the law",
    }  # fmt: skip
    alone = {part.key for part in REGISTRY.parts if part.within in (Kind.WORKSPACE, Kind.COMMUNITY) and part.erase is None}
    assert alone == set(with_others)
    assert {part.key for part in REGISTRY.parts if part.holds} == {key for key, who in with_others.items() if who == "the law"}


def test_each_time_is_one_of_days_months_or_years(app: Flask) -> None:
    for entry in KEPT.values():
        assert sum(bool(x) for x in (entry.days, entry.months, entry.years)) == 1, entry.key
        assert entry.before() is not None and entry.length.days >= 1


@pytest.mark.parametrize("kind", ["privacy.sweep", "privacy.purge", "privacy.erase", "privacy.end_hold", "privacy.drop_account"])
def test_its_jobs_are_registered_and_the_clock_knows_the_sweep(
    app: Flask, kind: str, superuser: psycopg.Connection[tuple[object, ...]]
) -> None:
    assert kind in JOBS and BATCH == 1000
    assert superuser.execute("SELECT every FROM schedule WHERE name = 'privacy.sweep'").fetchone() == (86400,)
