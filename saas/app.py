"""The application, told as a list of sentences."""

from __future__ import annotations

import contextvars
from collections.abc import Iterable
from importlib import import_module
from typing import Any

import structlog
from flask import Flask, Response, request
from flask_migrate import Migrate
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from saas import cli, config
from saas.identity.viewer import load_viewer
from saas.kit import access, assets, crossing, errors, formats, headers, i18n, limits, logs, markdown, panels, requests, shell
from tenants.db import db
from tenants.resolver import FirmFromPath, hosts_of

# Features in the order of the arrows, lowest first.
FEATURES = ("kit", "identity", "workspaces", "catalogue", "enrolments", "delivery", "community", "billing", "privacy", "home")
csrf = CSRFProtect()
log = structlog.get_logger()


class Cordee(Flask):
    """Flask, whose platform addresses (/-/…) never carry a firm's prefix."""

    def url_for(self, /, endpoint: str, **values: Any) -> str:
        url = super().url_for(endpoint, **values)
        prefix, dash, rest = url.partition("/-/")
        return f"/-/{rest}" if dash and prefix.startswith("/") and prefix.count("/") == 1 else url

    def log_exception(self, exc_info: Any) -> None:
        """What broke, by its endpoint: an address may hold somebody's single-use link."""
        log.error("a page broke", endpoint=request.endpoint, method=request.method, exc_info=exc_info)

    def wsgi_app(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        # A request never inherits an application context that happens to be open: its scope would come with it.
        if environ["REQUEST_METHOD"] != "HEAD":
            return contextvars.Context().run(super().wsgi_app, environ, start_response)
        # HEAD is GET without its body (RFC 9110, 9.3.2): a view asks whether it was sent a GET, and would else take it for a POST.
        body = contextvars.Context().run(super().wsgi_app, {**environ, "REQUEST_METHOD": "GET"}, start_response)
        getattr(body, "close", lambda: None)()
        return []


def create_app(settings: config.Settings | None = None) -> Flask:
    """Make the application. Raises saas.config.BadSettings."""
    settings = settings or config.read()
    app = Cordee(__name__, static_folder=None)
    app.config.update(settings.flask())
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    logs.init_logs(app)
    db.init_app(app)
    Migrate(app, db, directory="migrations", compare_type=True)
    i18n.init_i18n(app)
    requests.init_requests(app)
    crossing.init_crossing(app)
    app.before_request(load_viewer)
    app.before_request(access.guard)
    limits.init_limits(app)
    csrf.init_app(app)
    app.after_request(commit_or_roll_back)
    errors.init_errors(app)
    assets.init_assets(app)
    headers.init_headers(app)
    formats.init_formats(app)
    shell.init_shell(app)
    panels.init_panels(app)
    markdown.init_markdown(app)
    register_features(app)
    cli.init_cli(app)
    app.wsgi_app = FirmFromPath(app.wsgi_app, hosts_of(settings.public_url))  # type: ignore[method-assign]
    if hops := settings.proxy_hops:  # who asks is what the last of so many proxies of ours saw; what others claim is not read
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0, x_port=0, x_prefix=0)  # type: ignore[method-assign]
    return app


def register_features(app: Flask) -> None:
    """Import each feature's models, jobs and routes, and register the blueprints it names."""
    for name in (*FEATURES, *sandbox(app)):
        feature = import_module(f"saas.{name}")
        for blueprint in feature.blueprints() if hasattr(feature, "blueprints") else [feature.bp]:
            app.register_blueprint(blueprint)
        for exempt in getattr(feature, "WITHOUT_CSRF", ()):
            csrf.exempt(exempt)
        app.config["FROM_ELSEWHERE"].update(getattr(feature, "FROM_ELSEWHERE", ()))
        getattr(feature, "init_app", lambda _app: None)(app)


def sandbox(app: Flask) -> tuple[str, ...]:
    """The stand-ins for outside services, where the settings ask for one."""
    wanted = app.config["CORDEE_DEMO"] or "sandbox:" in (
        app.config["MAIL_URL"],
        app.config["STRIPE_URL"],
        app.config["DNS_SERVER"],
    )
    return ("sandbox",) if wanted else ()


def commit_or_roll_back(response: Response) -> Response:
    """One commit at the edge when the answer is not an error, GET included (a rollback drops prepared statements)."""
    if db.session.registry.has():
        if response.status_code < 400:
            db.session.commit()
        else:
            db.session.rollback()
    return response
