"""The WSGI application: ``gunicorn wsgi:app``."""

from saas.app import create_app

app = create_app()
