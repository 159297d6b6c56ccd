"""One small firm for the browser: staff, a complete profile, one programme."""

from __future__ import annotations

from sqlalchemy import create_engine, text

from saas.app import create_app
from saas.catalogue.commands.programmes import publish_programme
from saas.identity.commands.people import add_staff
from saas.workspaces.models import FirmProfile
from tenants.db import db
from tenants.models import Firm
from tenants.scope import Scope, inside

STAFF = (
    ("Camille Lenoir", "camille@equoranda.example", "owner"),
    ("Marc Oudin", "marc@equoranda.example", "advisor"),
    ("Inès Caradec", "ines@equoranda.example", "trainer"),
    ("Nadia Ferrand", "nadia@equoranda.example", "accountant"),
)
TEXTS = {
    "summary": {"fr": "Tenir son rôle avec justesse.", "en": "Hold your role with fairness."},
    "objectives": [{"fr": "Mener un entretien de recadrage.", "en": "Lead a corrective talk."}],
}


def make() -> None:
    app = create_app()
    with app.app_context():
        with inside(Scope.platform()):
            firm = Firm(slug="equoranda", name="Equoranda", stripe_account="acct_equoranda")
            db.session.add(firm)
            db.session.flush()
            firm_id = firm.id
        with inside(Scope.firm(firm_id)):
            for name, email, role in STAFF:
                add_staff(name, email, [role])
            db.session.add(
                FirmProfile(
                    id=firm_id,
                    legal_name="Equoranda SARL",
                    legal_form="SARL",
                    capital_cents=1_000_000,
                    siret="73282932000074",
                    activity_number="84 38 01234 38",
                    activity_region="Auvergne-Rhône-Alpes",
                    street="12 rue Lesdiguières",
                    postcode="38000",
                    city="Grenoble",
                    iban="FR7630006000011234567890189",
                    signatory="Camille Lenoir",
                )  # fmt: skip
            )
            publish_programme(
                "EQ-MGT-01", {"fr": "Manager engagé", "en": "The committed manager"}, TEXTS, minutes=840, days=4,
                modality="onsite", min_group=4, max_group=12, price_seat_cents=115_000, price_group_cents=690_000,
            )  # fmt: skip
        owner = create_engine(app.config["MIGRATION_DATABASE_URL"])
        with owner.begin() as connection:
            connection.execute(text("UPDATE firm SET is_demo = true"))


if __name__ == "__main__":
    make()
