"""Tests of photos that customers send: kept before they are shown, seen by their sender and by models that look at them."""

import io
import os
import zipfile
from collections.abc import Mapping

import pytest

from memory.conversations import photos
from memory.conversations.photos import MOST_BYTES
from memory.conversations.turns import EditMessage
from memory.storage.folders import Folder
from memory.storage.users import Users
from tests.conftest import Open, enter, services_of, settings_for
from tests.handlers.replies.test_turn import asked_for, play, records
from tests.support.pictures import form_with, picture
from tests.support.shop import Answered, Scripted, Visitor, settings_of
from tests.support.upstream import Upstream

FORM = {"Content-Type": "multipart/form-data; boundary=xx"}


@pytest.fixture
def folder(users: Users) -> Folder:
    return users.folder("ana")


@pytest.fixture
def ana(open_shop: Open) -> Visitor:
    return enter(open_shop(settings_of({"luna": None}), Scripted(["I see. "] * 4)), "ana")


async def send(visitor: Visitor, body: bytes, **headers: str) -> Answered:
    fields: Mapping[str, str] = FORM | headers
    return await visitor.ask(
        "POST", "/messages", [body], [(name.replace("_", "-"), value) for name, value in fields.items()]
    )


def kept(folder: Folder) -> list[str]:
    place = folder.path / "files"
    return sorted(os.listdir(place)) if place.exists() else []


async def test_a_photo_is_kept_with_its_message_and_shown(ana: Visitor, folder: Folder) -> None:
    assert (await send(ana, form_with(picture()))).status == 303

    (name,) = kept(folder)
    assert (records(folder)[0].text, records(folder)[0].files) == ("It arrived broken", (name,))
    page = await ana.get("/")
    assert f'<img src="/files/{name}"' in page.text
    shown = await ana.get(f"/files/{name}")
    assert (shown.status, shown.headers["content-type"]) == (200, "image/jpeg")
    assert shown.body.startswith(b"\xff\xd8\xff")


async def test_nobody_else_sees_a_photo(open_shop: Open, users: Users) -> None:
    shop = open_shop(settings_of({"luna": None}), Scripted(["I see."]))
    ana, bob = enter(shop, "ana"), enter(shop, "bob")
    await send(ana, form_with(picture()))
    (name,) = kept(users.folder("ana"))

    assert (await bob.get(f"/files/{name}")).status == 404
    assert (await Visitor(shop).get(f"/files/{name}")).status == 303
    assert (await ana.get("/files/..%2faccount.toml")).status == 404


@pytest.mark.parametrize("reads", [True, False])
async def test_the_owner_sees_it_where_conversations_may_be_read(open_shop: Open, users: Users, reads: bool) -> None:
    shop = open_shop(settings_of({"luna": None}, owner_reads_conversations=reads), Scripted(["I see."]))
    owner, bob = enter(shop, "ana"), enter(shop, "bob")
    await send(bob, form_with(picture()))
    (name,) = kept(users.folder("bob"))

    assert (await owner.get(f"/admin/customers/bob/files/{name}")).status == (200 if reads else 404)
    assert (await bob.get(f"/admin/customers/bob/files/{name}")).status == 404
    assert (
        f"/admin/customers/bob/files/{name}" in (await owner.get("/admin/customers/bob/conversation")).text
    ) is reads


async def test_a_photo_alone_has_words_of_its_own(ana: Visitor, folder: Folder) -> None:
    await send(ana, form_with(picture(), text=""))

    assert records(folder)[0].text == "See the photo."


@pytest.mark.parametrize(
    ("file", "status", "says"),
    [
        pytest.param(b"MZ not a picture", 422, "JPEG, PNG and WebP", id="no photo"),
        pytest.param(bytes(MOST_BYTES + 1), 422, "larger than 8 MB", id="too large"),
        pytest.param(bytes(MOST_BYTES + 400_000), 413, "larger than 8 MB", id="much too large"),
    ],
)
@pytest.mark.parametrize("way", ["htmx", "form"])
async def test_a_file_that_is_not_taken_changes_nothing(
    ana: Visitor, folder: Folder, file: bytes, status: int, says: str, way: str
) -> None:
    answered = await send(ana, form_with(file), **({"HX-Request": "true"} if way == "htmx" else {}))

    assert (answered.status, says in answered.text) == (status, True)
    assert not (folder.path / "history.txt").exists()
    assert kept(folder) == []
    if status == 422 and way == "form":
        assert "It arrived broken</textarea>" in answered.text


async def test_a_refused_message_leaves_no_photo(open_shop: Open, folder: Folder) -> None:
    ana = enter(open_shop(settings_of({"luna": None}, limits={"messages_per_minute": 1}), Scripted(["a", "b"])), "ana")
    await send(ana, form_with(picture()))

    assert (await send(ana, form_with(picture(colour="blue"), after=2))).status == 429
    assert len(kept(folder)) == 1


async def test_a_person_who_keeps_too_much_is_told_so(open_shop: Open, folder: Folder) -> None:
    settings = settings_of({"luna": None}, limits={"kept_bytes_per_person": 1_000})
    ana = enter(open_shop(settings, Scripted(["a"])), "ana")

    answered = await send(ana, form_with(picture()))

    assert answered.status == 422
    assert "Delete one first" in answered.text


async def test_the_same_message_sent_twice_is_one(ana: Visitor, folder: Folder) -> None:
    for _ in range(2):
        await send(ana, form_with(picture()))

    assert len(records(folder)) == 2
    assert len(kept(folder)) == 1


@pytest.mark.parametrize("sees", [True, False])
async def test_models_that_look_at_pictures_are_sent_the_photo(
    open_shop: Open, upstream: Upstream, folder: Folder, sees: bool
) -> None:
    model = {"name": "ok", "base_url": upstream.url("ok"), "max_input": 100_000, "images": sees}
    shop = open_shop(settings_for(upstream, "ok", models=[model]))
    earlier = len(asked_for(upstream, "ok"))

    await send(enter(shop, "ana"), form_with(picture()))

    asked = asked_for(upstream, "ok")[earlier]["messages"][-1]["content"]
    if sees:
        assert [part["type"] for part in asked] == ["text", "text", "image_url"]
        assert asked[2]["image_url"]["url"].startswith("data:image/jpeg;base64,/9j/")
    else:
        assert "You can't look at photos" in asked


async def test_an_edited_question_keeps_its_photo(ana: Visitor, folder: Folder) -> None:
    await send(ana, form_with(picture()))

    await play(services_of(ana.app), folder, EditMessage(1, "It arrived in pieces"))

    assert records(folder)[2].files == tuple(kept(folder))


async def test_the_export_of_all_data_holds_the_photos(ana: Visitor, folder: Folder) -> None:
    await send(ana, form_with(picture()))

    answered = await ana.post("/account/export")

    (name,) = kept(folder)
    with zipfile.ZipFile(io.BytesIO(answered.body)) as packed:
        assert packed.read(f"files/{name}") == photos.read(folder, name)
    markdown = await ana.get("/conversations/current/export/md")
    assert f"![Photo](files/{name})" in markdown.text
