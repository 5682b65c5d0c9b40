"""Tests of what the desk's pages of files share: a refused change is told, a file is sent to be kept and never shown."""

from quart import Quart

from handlers.web.shop_editing import attachment


async def test_a_file_is_sent_under_its_own_name(shop: Quart) -> None:
    async with shop.test_request_context("/"):
        answered = attachment(b"<script>", 'pre\u00e7os "1".csv')

    assert answered.headers["Content-Type"] == "application/octet-stream"
    assert answered.headers["Content-Disposition"] == (
        "attachment; filename=\"pre_os _1_.csv\"; filename*=UTF-8''pre%C3%A7os%20%221%22.csv"
    )
