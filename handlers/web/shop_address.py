"""The address that customers reach the shop at."""

from quart import request

from handlers.services import current_services


def shop_address() -> str:
    """Return the shop's address, as the settings say it, else as the owner came here by; the guard knows the host."""
    return current_services().settings.origin or f"http://{request.host}"
