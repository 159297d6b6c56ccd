"""What an operator may set, and what is refused at the start, all at once."""

from __future__ import annotations

import pytest

from saas.config import BadSettings, read

DESK = {
    "DATABASE_URL": "postgresql+psycopg://app_login@host/cordee", "REDIS_URL": "redis://host", "SECRET_KEY": "x" * 40,
    "PUBLIC_URL": "http://127.0.0.1:8000",
}  # fmt: skip
REAL = {
    **DESK, "PUBLIC_URL": "https://app.example.org", "MAIL_URL": "smtp://host:587", "STRIPE_URL": "",
    "STRIPE_SECRET_KEY": "sk_live_x", "STRIPE_WEBHOOK_SECRET": "whsec_x",
}  # fmt: skip


def refused(environ: dict[str, str]) -> list[str]:
    with pytest.raises(BadSettings) as no:
        read(environ)
    return str(no.value).splitlines()[1:]


def test_a_desk_needs_four_settings() -> None:
    assert read(DESK).mail_url == "sandbox:"
    assert [line.split()[1] for line in refused({})] == ["DATABASE_URL", "REDIS_URL", "SECRET_KEY", "PUBLIC_URL"]


def test_an_empty_stripe_address_is_stripe_itself() -> None:
    assert read(REAL).stripe_url == ""


@pytest.mark.parametrize(
    ("without", "word"),
    [("MAIL_URL", "MAIL_URL"), ("STRIPE_URL", "STRIPE_URL"), ("STRIPE_SECRET_KEY", "STRIPE_SECRET_KEY"),
     ("STRIPE_WEBHOOK_SECRET", "STRIPE_WEBHOOK_SECRET")],
)  # fmt: skip
def test_stand_ins_never_meet_real_people_by_accident(without: str, word: str) -> None:
    environ = {name: value for name, value in REAL.items() if name != without}
    (line,) = refused(environ)
    assert word in line


def test_a_public_demo_says_that_it_is_one() -> None:
    assert read({**DESK, "PUBLIC_URL": "https://demo.example.org", "CORDEE_DEMO": "1"}).cordee_demo
