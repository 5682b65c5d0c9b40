"""The openai client as it is asked here: its address, its headers and its errors, and a short way between them.

Each request has the same head, so that the client makes it once. Its own way to a request (options validated and copied,
an address joined, headers merged) takes longer than sending it does. Imported when the first model is asked only.
"""

from typing import Any

import httpx2
import openai
from openai._models import FinalRequestOptions

from completions.transport import Transport

_PATH = "/chat/completions"
_HEADERS = {"Accept-Encoding": "identity", "Content-Type": "application/json"}


class Pool(openai.AsyncOpenAI):
    """Asks one server with one key. What of the environment is the owner's with OpenAI goes to no other server."""

    def __init__(self, address: str | None, key: str, *, is_others: bool) -> None:
        transport = Transport(connect_seconds=10.0, idle_connection_seconds=15.0)
        super().__init__(
            api_key=key,
            base_url=address or "https://api.openai.com/v1",
            max_retries=0,
            timeout=None,  # reading has deadlines of its own
            http_client=httpx2.AsyncClient(transport=transport, timeout=None, trust_env=False),
        )
        if is_others:  # the client adds OPENAI_ORG_ID, OPENAI_PROJECT_ID, OPENAI_CUSTOM_HEADERS, which may hold a key
            self.organization = self.project = None
            self._custom_headers = {}
        options: Any = {"headers": _HEADERS, "security": {"bearer_auth": True}, "content": b""}
        head = self._build_request(FinalRequestOptions.construct(method="post", url=_PATH, **options))
        self._transport, self._address = transport, str(head.url)
        self._head = [pair for pair in head.headers.multi_items() if pair[0] not in ("content-length", "connection")]

    async def ask(self, body: bytes) -> httpx2.Response:
        """Post one completion's JSON and give the answer, its body still to be read.

        openai.APIStatusError for an answer that is none, openai.APIConnectionError where there is none at all; and what
        can go wrong with the body of a refusal, httpx2.TransportError and DecodingError.
        """
        try:
            answer = await self._transport.send("POST", self._address, self._head, body)
        except httpx2.TransportError as error:
            raise openai.APIConnectionError(request=httpx2.Request("POST", self._address)) from error
        if answer.is_success:
            return answer
        try:
            await answer.aread()
        finally:
            await answer.aclose()
        raise self._make_status_error_from_response(answer)
