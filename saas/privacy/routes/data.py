"""My data: everything that is held of whoever looks, in every space that this sign-in opens, as a page and as a file."""

from __future__ import annotations

from flask import Blueprint, render_template, send_file
from werkzeug.wrappers import Response

from saas.kit import journal
from saas.kit.access import SIGNED_IN, open_to
from saas.kit.panels import panel
from saas.privacy import archive, queries
from tenants.scope import Kind

bp = Blueprint("my_data", __name__, template_folder="../templates", url_prefix="/-/account")
bp.add_app_template_filter(archive.shown, "fact")
FEW = 8  # rows of a kind that the page shows; the file has them all


@bp.get("/data")
@open_to(SIGNED_IN, within=Kind.PLATFORM)
def show() -> str:
    return render_template("privacy/data.html", places=list(queries.mine()), few=FEW)


@bp.get("/data/file")
@open_to(SIGNED_IN, within=Kind.PLATFORM, fresh=True)
def download() -> Response:
    """The ZIP. Each space it tells of notes that it was taken: should it not have been the person, there is a trace."""
    places = list(queries.mine(with_files=True))
    name, content = archive.made(places)
    for place in places:
        if place.person is not None:
            with queries.beside(place.person.home()):
                journal.note("data.taken", place.person.name, place.person.member_id or place.person.staff_id)
    return send_file(content, "application/zip", as_attachment=True, download_name=name)


@panel("account")
def on_the_account() -> str:
    return render_template("privacy/_account.html")
