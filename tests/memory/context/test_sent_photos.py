"""Tests of photos in a request: shown to models that look at them, named to the others."""

import base64
from dataclasses import replace
from pathlib import Path

import pytest

from memory.context import sent_photos
from memory.context.prompt import MOST_PHOTOS, PHOTO_TOKENS, Question, SentPhoto, build
from memory.context.quoting import PHOTO, words
from memory.context.sent_photos import UNSEEN
from memory.conversations import photos
from memory.conversations.photos import Photo
from memory.conversations.records import Record
from memory.storage.folders import Folder
from tests.support.conversations import NOON

FIRST, SECOND = Photo(b"one"), Photo(b"two")


@pytest.fixture
def ana(tmp_path: Path) -> Folder:
    photos.keep(Folder(tmp_path), [FIRST, SECOND])
    return Folder(tmp_path)


def prompt(draft: str = ""):
    kept = [Record(1, NOON, "user", "Look", files=(FIRST.name,)), Record(2, NOON, "assistant", "Yes.", ending="stop")]
    asked = Question("And this?", draft, photos=(SentPhoto(3, SECOND.name),))
    return build("{{ store }}", "Mugs", "", kept, asked, "turns")


def url(photo: Photo) -> dict[str, object]:
    return {
        "type": "image_url",
        "image_url": {"url": f"data:image/jpeg;base64,{base64.b64encode(photo.data).decode()}"},
    }


@pytest.mark.parametrize("draft", ["", "Well, "])
def test_photos_go_with_the_question_each_with_its_message(ana: Folder, draft: str) -> None:
    made = prompt(draft)

    sent = sent_photos.messages(made, ana, is_seen=True)

    asked = made.messages[made.asked]["content"]
    assert asked == "And this?"
    assert sent[made.asked]["content"] == [
        {"type": "text", "text": asked},
        {"type": "text", "text": "The photo of message 1:"},
        url(FIRST),
        {"type": "text", "text": "The photo of message 3:"},
        url(SECOND),
    ]
    assert [one for n, one in enumerate(sent) if n != made.asked] == [
        one for n, one in enumerate(made.messages) if n != made.asked
    ]


def test_a_model_that_sees_no_photos_is_told_to_say_so(ana: Folder) -> None:
    assert sent_photos.messages(prompt(), ana, is_seen=False)[-1]["content"] == f"And this?\n\n{UNSEEN}"


def test_a_photo_that_was_deleted_is_left_out(ana: Folder) -> None:
    (ana.path / "files" / FIRST.name).unlink()

    assert url(SECOND) in sent_photos.messages(prompt(), ana, is_seen=True)[-1]["content"]
    assert url(FIRST) not in sent_photos.messages(prompt(), ana, is_seen=True)[-1]["content"]


def test_messages_without_photos_stay_as_they_are(ana: Folder) -> None:
    made = replace(prompt(), photos=())

    assert sent_photos.messages(made, ana, is_seen=True) is made.messages


def test_photos_are_counted_beside_the_words() -> None:
    made = prompt()

    assert made.photo_tokens == 2 * PHOTO_TOKENS
    assert made.tokens("o200k_base") == replace(made, photos=()).tokens("o200k_base")


def test_a_message_with_a_photo_says_so() -> None:
    assert words(Record(1, NOON, "user", "Look", files=(FIRST.name,))) == f"Look\n\n{PHOTO}"
    assert words(Record(1, NOON, "user", "Look")) == "Look"
    assert PHOTO in prompt().messages[1]["content"]


def test_the_last_photos_are_sent() -> None:
    kept = [Record(n, NOON, "user", "Look", files=(f"{n}.jpg",)) for n in range(1, 9)]

    made = build("{{ store }}", "Mugs", "", kept, Question("Which?"), "system")

    assert [sent.number for sent in made.photos] == [8 - MOST_PHOTOS + n for n in range(1, MOST_PHOTOS + 1)]
