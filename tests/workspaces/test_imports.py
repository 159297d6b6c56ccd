"""A file of people on its way in: nothing written before, applied whole and once, undone, invitations after."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import openpyxl
import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from saas.catalogue.models import SessionLink
from saas.enrolments.commands import enrolling as enrolments
from saas.identity.models import Member
from saas.identity.viewer import Perimeter
from saas.kit.errors import Refused
from saas.workspaces.imports import applying, commands, pasted, queries, reading, report
from saas.workspaces.imports.tables import Table
from saas.workspaces.models import ImportRow, PeopleImport
from tenants import queue
from tenants.db import db
from tenants.queue import drain
from tenants.scope import inside
from tests.cast import Company, World

Superuser = psycopg.Connection[tuple[object, ...]]
DATA = Path(__file__).parents[1] / "data"


def table(text: str) -> Table:
    return reading.read("x", text.encode())


def imported(app: Flask, company: Company, file: Table, leavers: list[UUID] | None = None) -> UUID:
    """A file staged, applied by its job; returns the import."""
    with inside(company.scope):
        draft = commands.stage(file, "x.csv", "fr", "HR")
        commands.choose_leavers(draft, leavers or [])
        commands.ask_to_apply(draft, "HR")
        draft_id = draft.id
    drain()
    return draft_id


def the(draft_id: UUID) -> PeopleImport:
    return db.session.scalars(select(PeopleImport).where(PeopleImport.id == draft_id)).one()


def person(address: str) -> Member:
    return db.session.scalars(select(Member).where(Member.email_norm == address)).one()


def staged(world: World) -> PeopleImport:
    table = reading.read("sirh.csv", (DATA / "alpes-industrie-sirh.csv").read_bytes())
    return commands.stage(table, "sirh.csv", "fr", "HR")


def people(world: World) -> int:
    return db.session.scalar(select(func.count()).select_from(Member)) or 0


def test_nothing_is_written_before_and_once_after(app: Flask, world: World) -> None:
    scope = world.companies[0].scope
    with app.app_context():
        with inside(scope):
            before = people(world)
            draft_id = staged(world).id
        with inside(scope):
            assert people(world) == before
            draft = db.session.scalars(select(PeopleImport).where(PeopleImport.id == draft_id)).one()
            for _ in range(3):
                commands.ask_to_apply(draft, "HR")
        drain()
        with inside(scope):
            assert people(world) == before + 54
            draft = db.session.scalars(select(PeopleImport).where(PeopleImport.id == draft_id)).one()
            assert draft.state == "applied" and not db.session.scalar(
                select(func.count())
                .select_from(Member)
                .where(Member.account_id.is_not(None), Member.employee_number.is_not(None))
            )


def test_the_same_file_again_changes_nothing(app: Flask, world: World) -> None:
    scope = world.companies[0].scope
    with app.app_context():
        with inside(scope):
            commands.ask_to_apply(staged(world), "HR")
        drain()
        with inside(scope):
            assert staged(world).counts == {"same": 54, "fix": 5, "skip": 2}


def test_undo_takes_back_all_but_who_is_enrolled(app: Flask, world: World) -> None:
    company = world.companies[0]
    with app.app_context():
        with inside(company.scope):
            before = people(world)
            draft_id = staged(world).id
            commands.ask_to_apply(db.session.scalars(select(PeopleImport).where(PeopleImport.id == draft_id)).one(), "HR")
        drain()
        with inside(company.scope):
            link = db.session.scalars(select(SessionLink).where(SessionLink.id == company.ids["link_id"])).one()
            someone = db.session.scalars(select(Member).where(Member.employee_number == "1001")).one()
            enrolments.enrol(link, [someone])
        with inside(company.scope):
            draft = db.session.scalars(select(PeopleImport).where(PeopleImport.id == draft_id)).one()
            assert applying.undo(draft) == 1
            assert people(world) == before + 1


def test_after_thirty_minutes_there_is_no_way_back(app: Flask, world: World, superuser: Superuser) -> None:
    scope = world.companies[0].scope
    with app.app_context():
        with inside(scope):
            draft_id = staged(world).id
            commands.ask_to_apply(db.session.scalars(select(PeopleImport).where(PeopleImport.id == draft_id)).one(), "HR")
        drain()
        superuser.execute("UPDATE people_import SET undo_until = now() - interval '1 second' WHERE id = %s", (draft_id,))
        with inside(scope), pytest.raises(Refused):
            applying.undo(db.session.scalars(select(PeopleImport).where(PeopleImport.id == draft_id)).one())


def test_a_fix_in_place_makes_a_row_ready(app: Flask, world: World) -> None:
    with app.app_context(), inside(world.companies[0].scope):
        draft = staged(world)
        row = db.session.scalars(select(ImportRow).where(ImportRow.import_id == draft.id, ImportRow.line == 34)).one()
        commands.fix(draft, {row.id: {"last_name": "Dherouville"}})
        assert draft.counts == {"create": 55, "fix": 4, "skip": 2}


def test_what_no_workbook_can_hold_stands_in_the_way_of_no_download(
    app: Flask, world: World, signed_in: Callable[[str], FlaskClient]
) -> None:
    with app.app_context(), inside(world.companies[0].scope):
        draft_id = commands.stage(table("Nom;Prénom;Email\nDu\x01pont;Jean;none\n"), "a.csv", "fr", "HR").id
    browser = signed_in(world.companies[0].address("hr"))
    for name in ("rejected", "report"):
        answer = browser.get(f"/alpha/w/alpha-a/people/import/{draft_id}/{name}.xlsx")
        assert answer.status_code == 200 and answer.mimetype.endswith("sheet")


def test_rejected_rows_come_back_with_a_reason_and_no_formula(app: Flask, world: World) -> None:
    with app.app_context(), inside(world.companies[0].scope):
        draft = staged(world)
        rows = db.session.scalars(
            select(ImportRow).where(ImportRow.import_id == draft.id, ImportRow.verdict == "fix").order_by(ImportRow.line)
        ).all()
        book = openpyxl.load_workbook(report.rejected(draft, rows))
    assert book.active is not None
    cells = [[str(cell.value or "") for cell in line] for line in book.active.iter_rows()]
    assert len(cells) == 6 and all(line[-1] for line in cells)
    assert any(cell.startswith("'=HYPERLINK") for line in cells for cell in line)
    assert not any(cell.startswith("=") for line in cells for cell in line)


def test_a_line_manager_nobody_knows_is_said_and_kept(app: Flask, world: World) -> None:
    with app.app_context(), inside(world.companies[0].scope):
        rows = queries.all_rows(staged(world), ("create",))
        (row,) = [row for row in rows if any(p["code"] == "unknown_manager" for p in row.problems)]
        assert row.values["line_manager"] == "9999"


def test_every_suggestion_of_a_kind_in_one_click(app: Flask, world: World) -> None:
    text = "Nom;Prénom;Email\n" + "\n".join(f"Nom{n};Pré;pre.nom{n}@x.example" for n in range(9)) + "\nA;B;b.a@\nC;D;d.c@"
    with app.app_context(), inside(world.companies[0].scope):
        draft = commands.stage(table(text), "x", "fr", "HR")
        assert draft.counts == {"create": 9, "fix": 2}
        assert [(r.code, r.lines, r.suggested) for r in queries.repairs(draft)] == [("bad_email", 2, 2)]
        assert commands.accept(draft, "bad_email") == 2
        assert draft.counts == {"create": 11}


def test_columns_settled_once_are_remembered_for_this_client(app: Flask, world: World) -> None:
    text = "Nom;Prénom;Zone RH\nRoux;Zia;Finance"
    one, other = world.companies[:2]
    with app.app_context():
        with inside(one.scope):
            draft = commands.stage(table(text), "x", "fr", "HR")
            assert "department" not in draft.mapping
            commands.remap(draft, {**draft.mapping, "department": 2})
            commands.ask_to_apply(draft, "HR")
        drain()
        with inside(one.scope):
            again = commands.stage(table("Zone RH;Nom;Prénom;Site\nFinance;Roux;Zia;Lyon"), "y", "fr", "HR")
            assert again.mapping == {"last_name": 1, "first_name": 2, "department": 0, "site": 3}
        with inside(other.scope):
            assert "department" not in commands.stage(table(text), "x", "fr", "HR").mapping


WHOLE = "Matricule;Nom;Prénom;Email;Site\n1;Roux;Ana;ana@x.example;Lyon\n2;Petit;Marc;marc@x.example;Lyon\n3;Noël;Zoé;zoe@x.example;Lyon"
PARTIAL = "Matricule;Nom;Prénom;Email;Site\n1;Roux;Ana;ana@x.example;Meylan"


def alone(superuser: Superuser, company: Company) -> None:
    """Only those that a test brings: the cast's participants have left long ago."""
    superuser.execute("UPDATE member SET left_at = now() WHERE workspace_id = %s AND roles = '{participant}'", (company.id,))


def test_leavers_are_proposed_never_automatic(app: Flask, world: World, superuser: Superuser) -> None:
    company = world.companies[0]
    alone(superuser, company)
    with app.app_context():
        imported(app, company, table(WHOLE))
        two = table("\n".join(WHOLE.splitlines()[:3]))
        with inside(company.scope):
            draft = commands.stage(two, "x", "fr", "HR")
            proposed = queries.absent(draft)
            assert [m.email_norm for m in proposed.people] == ["zoe@x.example"] and proposed.total == 1
            commands.ask_to_apply(draft, "HR")
        drain()
        with inside(company.scope):
            assert person("zoe@x.example").left_at is None
            gone = person("zoe@x.example").id
        draft_id = imported(app, company, two, [gone])
        with inside(company.scope):
            assert person("zoe@x.example").left_at is not None
        with inside(company.scope):
            applying.undo(the(draft_id))
            assert person("zoe@x.example").left_at is None


def test_a_part_of_the_list_proposes_nobody(app: Flask, world: World, superuser: Superuser) -> None:
    company = world.companies[0]
    alone(superuser, company)
    with app.app_context():
        imported(app, company, table(WHOLE))
        with inside(company.scope):
            assert queries.absent(commands.stage(table(PARTIAL), "x", "fr", "HR")).total == 0


def test_an_update_says_what_changes_and_an_undo_puts_it_back(app: Flask, world: World) -> None:
    company = world.companies[0]
    with app.app_context():
        imported(app, company, table(WHOLE))
        draft_id = imported(app, company, table(PARTIAL))
        with inside(company.scope):
            (row,) = queries.all_rows(the(draft_id), ("update",))
            assert row.before == {"site": "Lyon"} and person("ana@x.example").site == "Meylan"
        with inside(company.scope):
            assert applying.undo(the(draft_id)) == 0
            assert person("ana@x.example").site == "Lyon"


def test_whoever_left_comes_back_with_the_list(app: Flask, world: World, superuser: Superuser) -> None:
    company = world.companies[0]
    with app.app_context():
        imported(app, company, table(WHOLE))
        superuser.execute("UPDATE member SET left_at = now() WHERE email_norm = 'ana@x.example'")
        imported(app, company, table(WHOLE))
        with inside(company.scope):
            assert person("ana@x.example").left_at is None


def test_a_new_address_drops_the_sign_in_and_closes_the_community(app: Flask, world: World, superuser: Superuser) -> None:
    company = world.companies[0]
    superuser.execute("UPDATE member SET employee_number = '77' WHERE email_norm = %s", (company.address("second"),))
    with app.app_context():
        with inside(company.scope):
            account = person(company.address("second")).account_id
            assert account is not None
        imported(app, company, table(f"Matricule;Nom;Prénom;Email\n77;{company.canary};Second;elsewhere@x.example"))
        with inside(company.scope):
            assert person("elsewhere@x.example").account_id is None
        active = superuser.execute(
            "SELECT count(*) FROM zone_member WHERE account_id = %s AND workspace_id = %s AND left_at IS NULL",
            (account, company.id),
        ).fetchone()
        assert active == (0,)


def test_a_job_that_gives_up_is_seen_and_asked_for_again(app: Flask, world: World, superuser: Superuser) -> None:
    """What an import needs disappears meanwhile: nothing is written, the page knows, and once it is back all is well."""
    company = world.companies[0]
    superuser.execute("ALTER TABLE member ADD CONSTRAINT no_more CHECK (email_norm <> 'ana@x.example')")
    try:
        with app.app_context():
            with inside(company.scope):
                draft = commands.stage(table(WHOLE), "x", "fr", "HR")
                commands.ask_to_apply(draft, "HR")
                draft_id = draft.id
            row = superuser.execute("SELECT id FROM outbox WHERE kind = 'workspaces.apply_import' AND done_at IS NULL").fetchone()
            assert row
            queue.run(str(row[0]))
            with inside(company.scope):
                assert the(draft_id).state == "applying" and the(draft_id).details["trouble"]
            for _ in range(queue.ATTEMPTS):
                queue.run(str(row[0]))
            with inside(company.scope):
                assert the(draft_id).state == "failed" and person(company.address("hr"))
                assert db.session.scalar(select(func.count()).where(Member.email_norm == "marc@x.example")) == 0
    finally:
        superuser.execute("ALTER TABLE member DROP CONSTRAINT no_more")
    with app.app_context():
        with inside(company.scope):
            commands.ask_to_apply(the(draft_id), "HR")
        drain()
        with inside(company.scope):
            assert the(draft_id).state == "applied" and person("marc@x.example")


def test_two_copies_of_the_job_make_one_import(app: Flask, world: World) -> None:
    company = world.companies[0]
    with app.app_context():
        draft_id = imported(app, company, table(WHOLE))
        with inside(company.scope):
            applying.apply(the(draft_id))
            assert db.session.scalar(select(func.count()).where(Member.email_norm == "ana@x.example")) == 1


def test_invitations_wait_out_the_undo_then_what_was_read_is_forgotten(app: Flask, world: World, superuser: Superuser) -> None:
    company = world.companies[0]
    with app.app_context():
        draft_id = imported(app, company, table(WHOLE))
        invitations = "SELECT count(*) FROM invitation WHERE email_norm = 'ana@x.example'"
        assert superuser.execute(invitations).fetchone() == (0,)
        with inside(company.scope):
            applying.send_now(the(draft_id), "HR")
        drain()
        assert superuser.execute(invitations).fetchone() == (1,)
        with inside(company.scope), pytest.raises(Refused):
            applying.undo(the(draft_id))
        with inside(company.scope):
            assert [row.cells for row in queries.all_rows(the(draft_id))] == [[], [], []]


def test_old_drafts_are_swept_away(app: Flask, world: World, superuser: Superuser) -> None:
    company = world.companies[0]
    with app.app_context():
        with inside(company.scope):
            old = commands.stage(table(WHOLE), "old", "fr", "HR").id
        superuser.execute("UPDATE people_import SET created_at = now() - interval '8 days' WHERE id = %s", (old,))
        with inside(company.scope):
            commands.stage(table(WHOLE), "new", "fr", "HR")
            assert db.session.scalar(select(func.count()).select_from(PeopleImport).where(PeopleImport.id == old)) == 0
            assert db.session.scalar(select(func.count()).select_from(ImportRow).where(ImportRow.import_id == old)) == 0


def test_pasted_addresses_are_staged_one_by_one(app: Flask, world: World) -> None:
    with app.app_context(), inside(world.companies[0].scope):
        file = pasted.read((DATA / "opale-sante-pasted.txt").read_text())
        assert commands.stage(file, "pasted", "fr", "HR").counts == {"create": 14, "fix": 1, "skip": 1}


def test_a_limited_hr_opens_own_files_alone(
    app: Flask, world: World, superuser: Superuser, signed_in: Callable[[str], FlaskClient]
) -> None:
    """A file that an HR of everybody brought names people whom a limited one does not answer for."""
    company = world.companies[0]
    with app.app_context(), inside(company.scope):
        whole = commands.stage(table(WHOLE), "x", "fr", "HR").id
        own = commands.stage(table(WHOLE), "x", "fr", "HR", Perimeter(frozenset({"Lyon"}))).id
    superuser.execute("UPDATE member SET hr_sites = '{Lyon}' WHERE email_norm = %s", (company.address("hr"),))
    browser = signed_in(company.address("hr"))
    page = f"/alpha/w/{company.slug}/people/import"
    assert browser.get(f"{page}/{own}").status_code == 200
    for path in (f"{page}/{whole}", f"{page}/{whole}/progress", f"{page}/{whole}/rejected.xlsx", f"{page}/{whole}/report.xlsx"):
        assert browser.get(path).status_code == 404
    assert browser.post(f"{page}/{whole}/apply").status_code == 404


def test_invitations_of_thousands_are_one_line_of_the_journal(app: Flask, world: World, superuser: Superuser) -> None:
    company = world.companies[0]
    with app.app_context():
        draft_id = imported(app, company, table(WHOLE))
        with inside(company.scope):
            applying.send_now(the(draft_id), "HR")
        drain()
    lines = superuser.execute(
        "SELECT action, subject FROM journal WHERE workspace_id = %s AND action IN ('people.invited', 'invitation.sent')",
        (company.id,),
    ).fetchall()
    assert lines == [("people.invited", "3")]
