from tests.support.shop import Visitor


async def test_a_picture_is_shown_to_who_is_logged_in_and_runs_nothing(ana: Visitor, nobody: Visitor) -> None:
    found = await ana.get("/pictures/hammocks.svg")

    assert (found.status, found.headers["content-type"]) == (200, "image/svg+xml")
    assert "default-src 'none'; script-src 'nonce-" in found.headers["content-security-policy"]
    assert found.body.startswith(b"<svg")
    assert (await ana.get("/pictures/hammocks.svg", If_None_Match=found.headers["etag"])).status == 304
    assert (await ana.get("/pictures/absent.svg")).status == 404
    assert (await nobody.get("/pictures/hammocks.svg")).status != 200
