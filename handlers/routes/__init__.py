"""Everything a browser can ask, a blueprint a subject. No route imports another."""

from quart import Quart

from handlers.routes import (
    account,
    admin,
    chat,
    claims,
    comparison,
    conversations,
    feedback,
    language,
    login,
    metrics,
    pictures,
    prompt,
    static,
    stream,
    summary,
    transfers,
    usage,
    versions,
)

BLUEPRINTS = (
    account.account,
    admin.admin,
    chat.chat,
    claims.claims,
    comparison.compare,
    conversations.conversations,
    feedback.feedback,
    language.choice,
    login.login,
    metrics.metrics,
    pictures.pictures,
    prompt.prompt,
    static.static,
    stream.stream,
    summary.summary,
    transfers.transfers,
    usage.usage,
    versions.versions,
)


def add_routes(app: Quart) -> None:
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
