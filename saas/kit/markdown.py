"""What people write, as HTML: CommonMark without raw HTML, then an allow-list as the very last step."""

from __future__ import annotations

import nh3
from flask import Flask
from markdown_it import MarkdownIt
from markupsafe import Markup

_markdown = MarkdownIt("commonmark", {"html": False, "breaks": True})
TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "blockquote", "a", "code", "pre", "h3", "h4", "hr"}


def markdown(text: str) -> Markup:
    """Markdown as safe HTML; links open nothing of ours and are not followed by robots."""
    html = _markdown.render(text)
    clean = nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener nofollow",
    )
    return Markup(clean)  # noqa: S704  # the one place where HTML made from people's text is trusted, after nh3


def init_markdown(app: Flask) -> None:
    app.jinja_env.filters["markdown"] = markdown
