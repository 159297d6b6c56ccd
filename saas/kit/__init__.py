"""What every feature leans on: access, errors, mail, documents, clock, languages, storage, journal, base templates."""

from flask import Blueprint

bp = Blueprint("kit", __name__, template_folder="templates")
