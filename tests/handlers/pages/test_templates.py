"""The pages' templates: what holds beside their words."""

from quart import Quart

from handlers.pages import languages
from handlers.web.app import Web
from settings import ROOT


def test_a_language_of_before_the_settings_changed_is_rendered(shop: Quart) -> None:
    """A request that waits for a model while an owner saves a setting has the languages that were read before."""
    web: Web = shop.extensions["storekeeper.web"]
    earlier = languages.load(ROOT / "languages").of("pt_BR")
    assert earlier is not None

    page = web.pages.render("error.html", earlier, nonce="", request_id="", title="Título", text="")

    assert 'lang="pt-BR"' in page
