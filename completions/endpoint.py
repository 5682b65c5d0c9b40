"""One model's server as the openai client reaches it: its address, its key, its headers, proxies and certificates.

It asks by a transport over aiohttp, which hands over what has arrived in one piece, where the client's own transport wakes
its reader for each HTTP chunk. Only public names of the client are used. Imported when the first model is asked.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncGenerator, Iterator, Mapping
from functools import lru_cache
from urllib.parse import parse_qsl, urlsplit, urlunsplit

import aiohttp
import httpx2
import openai

from completions.errors import ErrorDetails, ModelError, fault_of_answer, masked
from completions.reach import PATH, Reach
from completions.transport import Transport

LARGEST_REFUSAL = 64 * 1024
_REFUSAL_SECONDS = 2.0
"""How long the body of a refusal is waited for: its status says most."""
_HEADERS = {"Content-Type": "application/json", "Accept-Encoding": "identity"}


class _Client(openai.AsyncOpenAI):
    """The client with the headers it is given: by itself it adds those of OPENAI_* variables, whatever server it asks."""

    def __init__(self, headers: Mapping[str, str], **options: object) -> None:
        self._given = dict(headers)
        super().__init__(**options)  # type: ignore[arg-type]

    @property
    def default_headers(self) -> dict[str, str | openai.Omit]:
        own = {"Accept": "application/json", "User-Agent": self.user_agent, **self.platform_headers()}
        names = {name.lower() for name in self._given}
        return {**{name: value for name, value in own.items() if name.lower() not in names}, **self._given}


class Endpoint:
    """Asks one server with one key. ModelError where it cannot be asked at all, as with certificates that are no file."""

    def __init__(self, reach: Reach) -> None:
        self.reach = reach
        parts = urlsplit(reach.address)
        try:
            self._client = _Client(
                dict(reach.headers),
                api_key=reach.key,
                base_url=urlunsplit((parts.scheme, parts.netloc, parts.path, "", "")),
                default_query=dict(parse_qsl(parts.query, keep_blank_values=True)),
                max_retries=0,
                http_client=httpx2.AsyncClient(
                    transport=Transport(_context(reach.ca_file, reach.ca_path), _checked_proxy(reach.proxy)),
                    follow_redirects=False,
                    trust_env=False,
                    event_hooks={"response": [self._refuse]},
                ),
                timeout=None,  # reading has deadlines of its own
            )
        except (OSError, ValueError, httpx2.InvalidURL) as error:
            raise ModelError(self._unreachable(error, "setup")) from error

    async def close(self) -> None:
        await self._client.close()

    async def ask(self, body: bytes) -> httpx2.Response:
        """Send one completion's JSON and return the answer, its body still to be read with `pieces`.

        ModelError for an answer that is none, its body read and closed, and where no answer comes.
        """
        try:
            answer = await self._client.post(
                PATH, cast_to=httpx2.Response, content=body, options={"headers": _HEADERS}, stream=True
            )
        except (openai.APIConnectionError, aiohttp.ClientError, httpx2.HTTPError, OSError) as error:
            raise ModelError(self._unreachable(error)) from None
        except (httpx2.InvalidURL, ValueError) as error:  # an address or a header that cannot be sent
            raise ModelError(self._unreachable(error, "setup")) from None
        answer.request = httpx2.Request(
            "POST", answer.request.url
        )  # the true one holds a body as large as the shop's data
        return answer

    async def models(self) -> list[str]:
        """Return the names of the models that the server offers. ModelError where it does not tell."""
        try:
            page = await self._client.models.list()
        except (openai.APIConnectionError, aiohttp.ClientError, httpx2.HTTPError, OSError) as error:
            raise ModelError(self._unreachable(error)) from None
        except (openai.OpenAIError, ValueError, TypeError, AttributeError):  # it answered something else
            return []
        return [one.id for one in page.data or () if isinstance(getattr(one, "id", None), str)]

    async def pieces(self, answer: httpx2.Response) -> AsyncGenerator[bytes, None]:
        """Yield the body in pieces as large as what has arrived. ModelError if it ends before its framing says."""
        try:
            async for piece in answer.aiter_bytes():
                yield piece
        except httpx2.DecodingError as error:  # a body that is not compressed as it says
            raise ModelError(ErrorDetails("garbled", try_next=True, message=self._masked(error))) from None
        except (httpx2.HTTPError, aiohttp.ClientError, OSError) as error:
            fault = ErrorDetails("broken_off", try_next=True, again=True, message=self._masked(error))
            raise ModelError(fault) from None

    async def _refuse(self, answer: httpx2.Response) -> None:
        """Raise ModelError for an answer with a status other than 2xx, after so much of its body as is worth reading.

        It is a hook of the HTTP client, which closes the answer when a hook raises.
        """
        if answer.is_success:
            return
        body = b""
        try:
            async with asyncio.timeout(_REFUSAL_SECONDS):
                async for piece in answer.aiter_bytes():
                    body += piece
                    if len(body) > LARGEST_REFUSAL:
                        break
        except (httpx2.HTTPError, aiohttp.ClientError, OSError):
            pass  # the status tells most
        raise ModelError(fault_of_answer(answer.status_code, body, answer.headers, self.reach.secrets))

    def _unreachable(self, error: BaseException, code: str | None = None) -> ErrorDetails:
        chain = list(_chain(error))
        code = code or next((found for one in chain if (found := _code(one))), None)
        if code in ("certificate", "setup"):
            said = self._masked(error if code == "setup" else chain[-1])
            return ErrorDetails("unreachable", try_next=True, is_owners=True, code=code, message=said)
        return ErrorDetails("unreachable", try_next=True, again=True, code=code, message=self._masked(chain[-1]))

    def _masked(self, error: BaseException) -> str:
        return masked(str(error) or type(error).__name__, self.reach.secrets)


def _checked_proxy(address: str | None) -> str | None:
    """Return a proxy's address. Raise ValueError or httpx2.InvalidURL for one that cannot be asked over HTTP, as by SOCKS."""
    if address and (scheme := httpx2.URL(address).scheme) not in ("http", "https"):
        raise ValueError(f"a proxy is asked over http or https, not {scheme}")
    return address


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and its causes. The last one knows most."""
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__


def _code(error: BaseException) -> str | None:
    """Return what kept a connection from being made, in one word; None where this error does not know."""
    match error:
        case ssl.SSLCertVerificationError():
            return "certificate"
        case ssl.SSLError():
            return "tls"
        case socket.gaierror():
            return "no_such_host"
        case ConnectionRefusedError():
            return "nothing_listens"
        case aiohttp.ClientProxyConnectionError() | aiohttp.ClientHttpProxyError():
            return "proxy"
        case asyncio.TimeoutError():
            return "no_connection_in_time"
        case aiohttp.ClientResponseError():
            return "not_http"
        case aiohttp.ServerDisconnectedError() | ConnectionResetError():
            return "closed"
        case _:
            return None


@lru_cache(maxsize=4)
def _context(ca_file: str | None, ca_path: str | None) -> ssl.SSLContext:
    """Return a context that trusts these certificate authorities, or without any named the system's."""
    try:
        return ssl.create_default_context(cafile=ca_file, capath=ca_path)
    except OSError as error:
        raise OSError(f"SSL_CERT_FILE {ca_file or ''}, SSL_CERT_DIR {ca_path or ''}: {error}") from error
