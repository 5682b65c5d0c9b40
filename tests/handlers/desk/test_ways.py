"""Tests of mails and webhooks over real sockets: what is sent, what is verified, where nothing is sent."""

import asyncio
import hashlib
import hmac
import json
import socket
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from email.utils import parsedate_to_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addresses import MailServer
from handlers.desk import ways
from handlers.desk.ways import Mail, NotSent, body_of, message_of, post, send_mail
from memory.notices.outbox import Notice
from tests.support.receivers import mail_server, webhook
from tests.support.shop import NOON
from tests.support.tls import make_certificate

MAIL = Mail(("ana@shop.example",), "Loja: a chave não funciona", "Olá!\n\nA chave não funciona – já.\n", "n-1", "pt-BR")
MESSAGE = message_of(MAIL, "bot@shop.example", "Loja da Ana", NOON)
NOTICE = Notice("key_refused", "k", NOON, "The <key> & @everyone", {"met": 3, "link": "/admin/settings"})


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def trusted(certificate, monkeypatch):
    """The certificate counts as one of the system's authorities."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.file))


@pytest.fixture
def elsewhere(monkeypatch):
    """Every name stands for this machine: what holds for servers in the network holds for it."""

    async def looked_up(self, host, port, **_):
        return [(2, 1, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr("asyncio.base_events.BaseEventLoop.getaddrinfo", looked_up)


async def test_a_mail_arrives_with_its_headers():
    with mail_server() as server:
        await send_mail(MailServer("127.0.0.1", server.port), "", MESSAGE)
    (mail,) = server.mails

    assert mail["From"] == "Loja da Ana <bot@shop.example>"
    assert mail["To"] == "ana@shop.example"
    assert mail["Subject"] == MAIL.subject
    assert mail["Message-ID"] == "<n-1@shop.example>"
    assert parsedate_to_datetime(mail["Date"]) == NOON
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content() == MAIL.text


async def test_a_text_makes_no_header_of_its_own():
    mail = Mail(("ana@shop.example",), "Hi\r\nBcc: eve@evil.example\u2028\x00x", "text", "n-1", "en")
    message = message_of(mail, "bot@shop.example", 'A "shop"\r\nBcc: eve@evil.example', NOON)
    with mail_server() as server:
        await send_mail(MailServer("127.0.0.1", server.port), "", message)

    assert server.mails[0]["Bcc"] is None
    assert server.mails[0]["Subject"] == "Hi Bcc: eve@evil.example x"
    assert server.envelopes[0].rcpt_tos == ["ana@shop.example"]


HEADERS = ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Type", "Content-Transfer-Encoding",
           "MIME-Version", "Content-Language"]  # fmt: skip
ENCODED = (
    "=?utf-8?q?=0D=0ABcc:_x@evil.example?=",
    "=?utf-8?b?DQpCY2M6IHhAZXZpbC5leGFtcGxl?=",
    "==??utf-8?q?=0A?=",
    "=?",
)


@given(
    st.lists(
        st.one_of(st.sampled_from((*ENCODED, "\r\n", "\n.\n", "Bcc: x@evil.example", ", <x@evil.example>")), st.text())
    )
)
def test_no_text_makes_a_header_or_a_recipient(pieces):
    """Python's mail package reads encoded words (RFC 2047) in what it is given as text, with their line breaks."""
    text = "".join(pieces)
    made = message_of(replace(MAIL, subject=text, text=text), "bot@shop.example", text, NOON)
    read = message_from_bytes(made.as_bytes(), policy=default)

    assert read.keys() == HEADERS
    assert str(read["To"]) == "ana@shop.example"
    assert [one.addr_spec for one in read["From"].addresses] == ["bot@shop.example"]


async def test_a_mail_goes_to_those_whom_it_is_for_and_nobody_else():
    """Whatever its headers say."""
    message = message_of(MAIL, "bot@shop.example", "Loja", NOON)
    message["Bcc"] = "x@evil.example"
    with mail_server() as server:
        await send_mail(MailServer("127.0.0.1", server.port), "", message)

    assert server.envelopes[0].rcpt_tos == ["ana@shop.example"]


async def test_starttls_is_used_on_this_machine_where_offered(certificate):
    with mail_server(starttls=certificate.server()) as server:
        await send_mail(MailServer("127.0.0.1", server.port), "", MESSAGE)

    assert len(server.mails) == 1


@pytest.mark.usefixtures("elsewhere", "trusted")
@pytest.mark.parametrize("is_tls", [False, True], ids=["STARTTLS", "TLS"])
async def test_a_certificate_that_is_trusted_is_taken(certificate, is_tls, monkeypatch):
    monkeypatch.setattr(ways, "is_loopback", lambda host: False)  # the certificate names localhost
    kind = {"tls": certificate.server()} if is_tls else {"starttls": certificate.server()}
    with mail_server(**kind) as server:
        await send_mail(MailServer("localhost", server.port, "ana@shop.example", is_tls), "secret word", MESSAGE)

    assert len(server.mails) == 1
    assert server.logins == [("ana@shop.example", "secret word")]


@pytest.mark.filterwarnings("ignore:.*unclosed transport")  # the server's, which is left in the middle
@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("is_tls", [False, True], ids=["STARTTLS", "TLS"])
@pytest.mark.parametrize("is_known", [False, True], ids=["unknown", "of another host"])
async def test_a_certificate_that_is_not_trusted_is_refused(certificate, is_tls, is_known, monkeypatch):
    if is_known:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate.file))
    kind = {"tls": certificate.server()} if is_tls else {"starttls": certificate.server()}
    with mail_server(**kind) as server, pytest.raises(NotSent) as refused:
        await send_mail(MailServer("mail.example", server.port, "ana", is_tls), "secret word", MESSAGE)

    assert refused.value.sentence == ways.NOT_TRUSTED
    assert (server.logins, server.mails) == ([], [])


@pytest.mark.usefixtures("elsewhere")
async def test_nothing_is_sent_in_the_clear_over_the_network():
    with mail_server() as server, pytest.raises(NotSent) as refused:
        await send_mail(MailServer("mail.example", server.port, "ana"), "secret word", MESSAGE)

    assert refused.value.sentence == ways.NO_TLS
    assert (server.logins, server.mails) == ([], [])


async def test_what_a_mail_server_says_is_told():
    with mail_server() as server:
        with pytest.raises(NotSent) as refused:
            await send_mail(MailServer("127.0.0.1", server.port, "ana"), "another word", MESSAGE)
        assert refused.value.sentence == ways.BAD_PASSWORD
        assert refused.value.said.startswith("535")
    with mail_server() as server:
        server.refuses = "552 Mailbox full"
        with pytest.raises(NotSent) as refused:
            await send_mail(MailServer("127.0.0.1", server.port), "", MESSAGE)
        assert (refused.value.sentence, refused.value.said) == (ways.NOT_ACCEPTED, "552 Mailbox full")
    with pytest.raises(NotSent) as refused:
        await send_mail(MailServer("127.0.0.1", 9), "", MESSAGE)
    assert refused.value.sentence == ways.UNREACHABLE


async def test_a_silent_mail_server_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(ways, "SEND_SECONDS", 0.2)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(NotSent) as refused:
            await send_mail(MailServer("127.0.0.1", silent.getsockname()[1]), "", MESSAGE)

    assert refused.value.sentence == ways.TOO_SLOW


@pytest.mark.parametrize("ip", ["169.254.169.254", "::ffff:169.254.169.254", "0.0.0.0", "fd00:ec2::254"])
async def test_a_host_is_checked_by_what_it_stands_for(ip, monkeypatch):
    async def looked_up(self, host, port, **_):
        return [(2, 1, 6, "", (ip, port))]

    monkeypatch.setattr("asyncio.base_events.BaseEventLoop.getaddrinfo", looked_up)
    for sending in (
        send_mail(MailServer("innocent.example", 587), "", MESSAGE),
        post("https://innocent.example/hook", b"{}", None, "1"),
    ):
        with pytest.raises(NotSent) as refused:
            await sending
        assert refused.value.sentence == ways.FORBIDDEN


async def test_a_webhook_is_sent_signed_json():
    body = body_of("json", NOTICE, "Loja", "https://chat.example/admin/settings")
    with webhook() as hook:
        await post(hook.address, body, "a secret of sixteen", "id-1")

    assert hook.sent == [
        {"event": "key_refused", "time": "2026-11-23T12:00:00Z", "shop": "Loja", "text": NOTICE.text,
         "details": {"met": 3, "link": "/admin/settings"}}
    ]  # fmt: skip
    right = hmac.new(b"a secret of sixteen", hook.bodies[0], hashlib.sha256).hexdigest()
    assert hook.asked[0]["X-Storekeeper-Signature"] == f"sha256={right}"
    assert hook.asked[0]["X-Storekeeper-Delivery"] == "id-1"
    assert hook.asked[0]["Content-Type"] == "application/json"


async def test_without_a_secret_nothing_is_signed():
    with webhook() as hook:
        await post(hook.address, b"{}", None, "id-1")

    assert "X-Storekeeper-Signature" not in hook.asked[0]


def test_slack_and_discord_are_sent_texts_that_call_nobody():
    slack = json.loads(body_of("slack", NOTICE, "Loja", "https://chat.example/admin"))
    discord = json.loads(body_of("discord", NOTICE, "Loja", "https://chat.example/admin"))

    assert slack == {"text": "*Loja*\nThe &lt;key&gt; &amp; @everyone\nhttps://chat.example/admin"}
    assert discord == {
        "content": "**Loja**\nThe <key> & @everyone\nhttps://chat.example/admin", "allowed_mentions": {"parse": []}
    }  # fmt: skip


@pytest.mark.parametrize("status", [302, 307, 400, 500])
async def test_any_answer_but_success_is_a_failure(status):
    with webhook() as hook, webhook() as other:
        hook.status, hook.headers = status, {"Location": other.address}
        with pytest.raises(NotSent) as refused:
            await post(hook.address, b"{}", None, "id-1")

    assert (refused.value.sentence, refused.value.said) == (ways.NOT_TAKEN, f"HTTP {status}")
    assert other.bodies == [], "no redirect is followed"


async def test_a_webhook_that_is_not_there_is_told():
    with pytest.raises(NotSent) as refused:
        await post("http://127.0.0.1:9/hook/secret-word", b"{}", None, "id-1")

    assert refused.value.sentence == ways.UNREACHABLE
    assert "secret-word" not in f"{refused.value} {refused.value.said}"


async def test_a_webhooks_certificate_is_verified(certificate):
    server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0, ssl=certificate.server())
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(NotSent) as refused:
        await post(f"https://localhost:{port}/", b"{}", None, "id-1")
    server.close()

    assert refused.value.sentence == ways.NOT_TRUSTED
