"""How a model's server is reached: address, key, headers, proxy and certificates, by the settings and the environment. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit, urlunsplit

from completions.errors import ErrorDetails, ModelError, shown_address
from settings import Model

OPENAI = "https://api.openai.com/v1"
PATH = "/chat/completions"


@dataclass(frozen=True, slots=True)
class Reach:
    """How a server is reached. `headers` are sent besides the client's own; `proxy` is an address, None: directly.

    `ca_file` and `ca_path` take the place of the system's certificate authorities.
    """

    address: str
    key: str
    headers: tuple[tuple[str, str], ...] = ()
    proxy: str | None = None
    ca_file: str | None = None
    ca_path: str | None = None

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.key, *(value for _, value in self.headers))

    @property
    def shown(self) -> str:
        """The address that is asked, for a log: without a password and without what its query holds."""
        parts = urlsplit(self.address)
        path = f"{parts.path.rstrip('/')}{PATH}"
        return shown_address(urlunsplit((parts.scheme, parts.netloc, path, parts.query, "")))


def reach(model: Model, environ: Mapping[str, str]) -> Reach:
    """Return how a model's server is reached. ModelError for a key that no header can carry.

    A server of its own gets the key that is named for it and no other. OPENAI_* variables are sent to no other provider.
    """
    variable = model.api_key_env or (None if model.base_url else "OPENAI_API_KEY")
    key = (environ.get(variable, "") if variable else "").strip() or "none"
    address = model.base_url or environ.get("OPENAI_BASE_URL") or OPENAI
    if not key.isascii() or not key.isprintable():
        said = f"the value of {variable} has characters that no key has"
        raise ModelError(ErrorDetails("key_refused", try_next=True, is_owners=True, code="key_not_ascii", message=said))
    headers = {} if model.base_url else _headers_of_environment(environ)
    return Reach(
        address,
        key,
        (*headers.items(), *model.headers.items()),
        None if model.gguf else _proxy_of(address, environ),
        environ.get("SSL_CERT_FILE") or None,
        environ.get("SSL_CERT_DIR") or None,
    )


def _headers_of_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return what OPENAI_* variables add to each request at OpenAI's or at OPENAI_BASE_URL, and nowhere else."""
    named = {"OpenAI-Organization": "OPENAI_ORG_ID", "OpenAI-Project": "OPENAI_PROJECT_ID"}
    found = {header: environ[variable] for header, variable in named.items() if environ.get(variable)}
    for line in environ.get("OPENAI_CUSTOM_HEADERS", "").split("\n"):
        name, colon, value = line.partition(":")
        if colon and name.strip():
            found[name.strip()] = value.strip()
    return found


def _goes_directly(host: str, port: int | None, no_proxy: str) -> bool:
    """True if NO_PROXY names the host: as it is, by a domain that it ends with, by a network, or by "*"."""
    for entry in no_proxy.lower().replace(" ", ",").split(","):
        name, _, entry_port = entry.partition(":") if entry.count(":") == 1 else (entry, "", "")
        if not name or (entry_port and entry_port != str(port)):
            continue
        if name == "*" or f".{host}".endswith(f".{name.lstrip('*').lstrip('.')}"):
            return True
        try:
            if ip_address(host) in ip_network(name, strict=False):
                return True
        except ValueError:
            continue
    return False


def _proxy_of(address: str, environ: Mapping[str, str]) -> str | None:
    """Return the proxy that the environment names for an address; None for one on this machine, or in NO_PROXY."""
    parts = urlsplit(address)
    host = (parts.hostname or "").lower()
    if host == "localhost" or host.startswith("127.") or host == "::1":  # a proxy knows no loopback of ours
        return None
    proxies = dict[str, str]()
    for name in sorted(environ, key=str.islower):  # the lower case counts where both are set
        scheme, is_proxy, _ = name.lower().partition("_proxy")
        if is_proxy and name.lower() == f"{scheme}_proxy" and environ[name].strip():
            proxies[scheme] = environ[name].strip()
    found = proxies.get(parts.scheme) or proxies.get("all")
    if found is None or _goes_directly(host, parts.port, proxies.get("no", "")):
        return None
    return found if "://" in found else f"http://{found}"
