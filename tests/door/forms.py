"""The forms of a page as a browser would send them, with something plausible in what is empty."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

PLAUSIBLE = {
    "email": "somebody.new@alpha-a.example",
    "date": "2027-03-04",
    "number": "3",
    "password": "a long sentence of mine",
    "time": "09:00",
}
# Numbers that carry their own proof, and what is chosen among what is there.
BY_NAME = {
    "siren": "732829320", "siret": "73282932000074", "activity_number": "84 38 01234 38", "line_manager": "", "vat_number": "",
    "einvoice_address": "", "vat_attested_on": "2026-01-05",
}  # fmt: skip
UNSENT = ("button", "reset", "image", "file")


@dataclass
class Form:
    """Where a form goes, and what it sends."""

    action: str
    data: dict[str, str] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)


class Forms(HTMLParser):
    """Reads the POST forms of a page; a button with an address of its own is a form of its own."""

    def __init__(self, html: str, path: str) -> None:
        super().__init__()
        self.path, self.found = path, list[Form]()
        self._form: Form | None = None
        self._select = self._area = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(given.get("action") or self.path) if given.get("method") == "post" else None
            if self._form:
                self.found.append(self._form)
        elif self._form and tag == "input":
            self._input(self._form, given)
        elif self._form and tag == "select":
            self._select = given.get("name", "")
            self._form.names.add(self._select)
        elif self._form and tag == "option" and self._select:
            if "selected" in given or self._select not in self._form.data:
                self._form.data[self._select] = given.get("value", "")
        elif self._form and tag == "textarea":
            self._area = given.get("name", "")
            self._form.names.add(self._area)
            self._form.data[self._area] = ""
        elif self._form and tag == "button":
            self._button(self._form, given)

    def _input(self, form: Form, given: dict[str, str]) -> None:
        name, kind = given.get("name", ""), given.get("type", "text")
        form.names.add(name)
        if not name or kind in UNSENT or (kind in ("checkbox", "radio") and "checked" not in given):
            return
        form.data[name] = given.get("value") or ("" if kind == "hidden" else BY_NAME.get(name, PLAUSIBLE.get(kind, "Texte")))

    def _button(self, form: Form, given: dict[str, str]) -> None:
        pressed = {given["name"]: given.get("value", "")} if given.get("name") else {}
        if given.get("formaction"):
            self.found.append(Form(given["formaction"], form.data, form.names))
        elif pressed:
            self.found.append(Form(form.action, form.data | pressed, form.names | set(pressed)))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            if self._form and self._area and not self._form.data.get(self._area):
                self._form.data[self._area] = "Texte"
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._form and self._area:
            self._form.data[self._area] += data.strip()
