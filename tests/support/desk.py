"""What pages of the owner's desk hold."""

import re


def secret_in(page: str) -> str:
    """Return the password or the link that a page shows once."""
    found = re.search(r'<pre id="secret"[^>]*>([^<]+)</pre>', page)
    assert found is not None, page
    return found[1]
