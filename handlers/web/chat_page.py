"""The chat page: what its log shows, and the answer of each route that shows it. Routes of chats share it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from markupsafe import Markup
from quart import Response, request

from handlers.desk import attention
from handlers.pages.bubbles import Bubble, draft
from handlers.pages.conversation_page import PAGE_MESSAGES, ConversationPage, load_page
from handlers.pages.markdown import is_long
from handlers.replies import preview
from handlers.replies.live import LiveReply
from handlers.replies.preview import Noted
from handlers.services import Services, current_services, in_thread, rendered
from handlers.web.app import current_web
from handlers.web.owner import look_for_setup
from handlers.web.responses import Answer, _, is_htmx, language, render_fragment, render_notice, render_page
from handlers.web.sessions import current_user
from memory.conversations import archive
from memory.conversations.listing import ConversationInfo
from memory.conversations.turns import ReplyId
from memory.i18n import N_
from memory.storage.folders import Folder
from memory.timestamps import stamp
from settings import CATALOGUE
from shop import texts

KEPT = N_("You had been logged out. Your message is still here and hasn't been sent yet.")
"""What is said beside a message that was written before the session ended."""


@dataclass(frozen=True, slots=True)
class Welcome:
    """What a conversation without messages begins with: questions to choose from, and what the assistant knows about."""

    examples: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChatPage:
    """What the log of the chat page shows: a page of messages, and the reply that is being written below the newest."""

    conversation: ConversationPage
    bubbles: list[Bubble]
    answering: ReplyId | None
    draft: Markup
    noted: Noted
    welcome: Welcome
    listed: ConversationInfo | None = None
    """The conversation by which the page was asked for; None for the current one, as it goes on."""
    sought: int | None = None
    """The message that the page was asked for."""

    @property
    def is_set_aside(self) -> bool:
        """True if the next message makes this the current conversation."""
        return _set_aside(self.listed) is not None

    @property
    def is_older(self) -> bool:
        return self.conversation.more_after is not None

    @property
    def is_unanswered(self) -> bool:
        """True if the conversation ends with a question that nobody answers."""
        is_over = self.answering is None and not self.is_older and not self.is_set_aside
        return is_over and self.conversation.ends_with_question

    @property
    def began(self) -> str:
        """Return when the conversation began, by which the browser distinguishes drafts; "" before its first message."""
        if self.answering:
            return stamp(self.answering.began)
        return stamp(self.conversation.began) if self.conversation.records else ""

    @property
    def after(self) -> int:
        """Return the number of the last message that the page shows, 0 for none."""
        return self.answering.number if self.answering else self.conversation.last_number

    def values(self) -> dict[str, Any]:
        aside = _set_aside(self.listed)
        path = f"/conversations/{aside.id}" if aside else None
        return {
            "bubbles": self.bubbles,
            "more_before": self.conversation.more_before,
            "more_after": self.conversation.more_after,
            "is_older": self.is_older,
            "version": self.is_set_aside or None,
            "listed": self.listed,
            "is_set_aside": self.is_set_aside,
            "sought": self.sought,
            "older_path": path or "/history",
            "latest_path": path or "/",
            "unanswered": self.is_unanswered,
            "answering": self.answering,
            "draft": self.draft,
            "after": self.after,
            "began": self.began,
            "examples": self.welcome.examples,
            "topics": self.welcome.topics,
            "noted_until": self.noted.until,
            "backlog": self.noted.backlog,
        }


def _set_aside(listed: ConversationInfo | None) -> ConversationInfo | None:
    """Return a conversation that was set aside, None for the current one."""
    return None if listed is None or listed.is_current else listed


async def load_chat_page(
    before: int | None = None,
    after: int | None = None,
    *,
    listed: ConversationInfo | None = None,
    sought: int | None = None,
) -> ChatPage:
    """Read the newest messages, or those before or after a number, and the reply that is being written."""
    if aside := _set_aside(listed):
        return await _load_set_aside(aside, before, after, sought)
    services, folder, replies = current_services(), current_user().folder, current_web().replies
    answering = await replies.answering(folder)
    conversation = await in_thread(load_page, folder, before, after)
    if conversation.more_after is not None:
        answering = None  # it is written further down
    elif answering and conversation.records and not conversation.ends_with_question:
        conversation = replace(conversation, records=conversation.records[:-1])  # the last reply is being written anew
    is_newest = conversation.more_after is None and answering is None
    is_new = answering is None and not conversation.records
    return ChatPage(
        conversation,
        await rendered(conversation.is_long, conversation.bubbles, language(), is_newest=is_newest),
        answering,
        await _draft_of(folder, answering),
        await in_thread(preview.noted, services, folder),
        await in_thread(_welcome, services, language().code) if is_new else Welcome(services.settings.examples),
        listed,
        sought,
    )


async def _load_set_aside(
    listed: ConversationInfo, before: int | None, after: int | None, sought: int | None
) -> ChatPage:
    """Read a page of a conversation set aside. Nothing but to write on can be done with it. FileNotFoundError if it is gone."""
    place = await in_thread(archive.find, current_user().folder, listed.id)
    if place is None:
        raise FileNotFoundError(listed.id)
    conversation = replace(await in_thread(load_page, place, before, after), versions={})
    bubbles = await rendered(conversation.is_long, conversation.bubbles, language(), is_newest=False)
    return ChatPage(conversation, bubbles, None, draft(""), Noted(0, None), Welcome(), listed, sought)


async def _draft_of(folder: Folder, answering: ReplyId | None) -> Markup:
    """Return what is written so far of a reply that this process knows."""
    reply = await current_web().replies.find(folder, answering) if answering else None
    text = reply.text if isinstance(reply, LiveReply) else ""
    return await rendered(is_long(text), draft, text)


_FIRST_INDEX_SECONDS = 1.0
"""How long a first page waits for the shop's data; it comes without their topics then."""


def _welcome(services: Services, language_code: str) -> Welcome:
    """Read the shop's questions in this language, else those of the settings, else of its texts; and its topics. Blocks."""
    examples = texts.questions(services.prompts, language_code) or services.settings.examples
    snapshot = services.shop.wait(_FIRST_INDEX_SECONDS)
    return Welcome(examples or snapshot.questions[:3], snapshot.topics) if snapshot is not None else Welcome(examples)


async def render_chat_page(
    status: int = 200,
    *,
    typed: str = "",
    problem: str | None = None,
    resets: datetime | None = None,
    listed: ConversationInfo | None = None,
) -> Response:
    """Answer with the chat page: `typed` stands in its message box, `problem` says why nothing was done."""
    services = current_services()
    if current_user().account.role == "owner":
        await look_for_setup()
    before, after, sought = _asked_page()
    page = await load_chat_page(before, after, listed=listed, sought=sought)
    return render_page(
        "chat.html",
        status,
        user=current_user().name,
        attention=await _attention(services),
        typed=typed,
        problem=problem,
        resets=resets,
        kept=_(KEPT),
        is_catalogue=services.settings.chat == (CATALOGUE,),
        choices=services.settings.chat,
        chosen="",
        **page.values(),
    )


async def _attention(services: Services) -> int:
    """Return how many things need the attention of an owner; 0 for everybody else."""
    if current_user().account.role != "owner":
        return 0
    return len(await in_thread(attention.entries, services))


async def render_older(listed: ConversationInfo | None) -> Response:
    """Answer with an older page of a conversation, as a fragment; the current one where none is named."""
    before = _asked_page()[0]
    page = await load_chat_page(before, listed=listed)
    loaded = request.args.get("loaded", PAGE_MESSAGES, type=int) + len(page.bubbles)
    return render_fragment("older", newer=before, loaded=loaded, **page.values())


def _asked_page() -> tuple[int | None, int | None, int | None]:
    """Return the number before which messages are to be shown, the one after which, and the one sought; none: the newest."""
    if request.method != "GET":
        return None, None, None
    before, after, at = (request.args.get(key, type=int) for key in ("before", "after", "at"))
    if at is not None:
        before = at + PAGE_MESSAGES // 2
    return before, after if before is None else None, at


async def refuse(text: str, status: int, typed: str = "", *, resets: datetime | None = None, **headers: str) -> Answer:
    """Return why nothing was accepted; what was typed is kept in its box, with htmx or without."""
    if is_htmx():
        return render_notice(text, status, resets=resets, **headers)
    response = await render_chat_page(status, typed=typed, problem=text, resets=resets)
    response.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return response
