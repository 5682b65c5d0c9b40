"""Everything a browser can ask, a blueprint a subject. No route imports another."""

from quart import Quart

from handlers.routes import (
    account,
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
    resets,
    static,
    stream,
    summary,
    transfers,
    usage,
    versions,
)
from handlers.routes.desk import answers as desk_answers
from handlers.routes.desk import audit as desk_audit
from handlers.routes.desk import customer_data as desk_customer_data
from handlers.routes.desk import customers as desk_customers
from handlers.routes.desk import data as desk_data
from handlers.routes.desk import invitations as desk_invitations
from handlers.routes.desk import notifications as desk_notifications
from handlers.routes.desk import reading as desk_reading
from handlers.routes.desk import settings as desk_settings
from handlers.routes.desk import setup as desk_setup
from handlers.routes.desk import setup_data as desk_setup_data
from handlers.routes.desk import setup_model as desk_setup_model
from handlers.routes.desk import setup_people as desk_setup_people
from handlers.routes.desk import setup_shop as desk_setup_shop
from handlers.routes.desk import texts as desk_texts
from handlers.routes.desk import today as desk_today
from handlers.routes.desk import trial as desk_trial
from handlers.routes.desk import usage as desk_usage

BLUEPRINTS = (
    account.account,
    chat.chat,
    claims.claims,
    comparison.compare,
    conversations.conversations,
    desk_audit.audit,
    desk_customer_data.customer_data,
    desk_answers.answers,
    desk_customers.customers,
    desk_notifications.notifications,
    desk_data.data,
    desk_invitations.invitations,
    desk_reading.reading,
    desk_settings.settings,
    desk_setup.setup,
    desk_setup_data.setup_data,
    desk_setup_model.setup_model,
    desk_setup_people.setup_people,
    desk_setup_shop.setup_shop,
    desk_texts.texts,
    desk_today.today,
    desk_trial.tried,
    desk_usage.usage,
    feedback.feedback,
    language.choice,
    login.login,
    metrics.metrics,
    pictures.pictures,
    prompt.prompt,
    resets.resets,
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
