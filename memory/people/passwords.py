"""Passwords: the rule, argon2id hashes, and a comparison that costs nobody's password the same."""

import secrets

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import Argon2Error, InvalidHashError, VerifyMismatchError

from memory.i18n import N_, UserError

RULE = N_("8 to 256 characters, not your name and not one of the most common passwords")
"""What a password has."""
MOST_CHARS = 256
MOST_KIB, MOST_PASSES, MOST_THREADS = 256 * 1024, 10, 16
"""What a hash may take that was made elsewhere: one of gigabytes, in one account, would stop the shop at each attempt."""

_COMMON = frozenset(
    """
    password password1 password12 password123 password1234 passw0rd p@ssw0rd p@ssword 12345678 123456789
    1234567890 12345678910 0123456789 87654321 11111111 00000000 88888888 qwertyui qwertyuiop qwerty123 qwerty12
    1q2w3e4r 1q2w3e4r5t iloveyou sunshine princess football baseball superman trustno1 whatever computer internet
    starwars letmein1 welcome1 abcd1234 abc12345 aa123456 a1b2c3d4 changeme changeit asdfghjk asdfghjkl zxcvbnm1
    michelle jennifer liverpool chocolate corinthians flamengo palmeiras saopaulo brasil123 senha123 senha1234
    minhasenha mudar123 storekeeper dragon123 monkey123 admin123 administrator test1234 testtest passpass
    secret123 master123 google123 samsung1 pokemon1 charlie1
    """.split()
)

# OWASP's smallest recommended parameters: 19 MiB and 2 passes keep a login near 25 ms, and 50 at once below 1 GiB.
_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)

NOBODYS = "$argon2id$v=19$m=19456,t=2,p=1$c3RvcmVrZWVwZXI1NTU1NQ$V4vzsQ9PrpqUMiTMmjpXxeTz1dtAlvX3XQPJjd7xk2E"
"""The hash that a password is compared with where there is no account: of the same cost, so that the time reveals nothing."""


class BadPassword(UserError):
    """A password that is not accepted, with the rule."""


class Unusable(Exception):
    """A hash that cannot be one: the account was edited by hand."""


def check(name: str, password: str) -> None:
    """BadPassword, with the rule, for one that is too short, too long or too easily guessed."""
    if not 8 <= len(password) <= MOST_CHARS or password.lower() in _COMMON or password.lower() == name:
        raise BadPassword("Choose a password with %(rule)s.", rule=RULE)
    try:
        password.encode()
    except UnicodeEncodeError:
        raise BadPassword("The password contains an invalid character.") from None


def hash_of(password: str) -> str:
    return _hasher.hash(password)


def matches(kept: str, password: str) -> bool:
    """True if this is the password of the hash. Unusable when the hash is none, or would take too much to compute."""
    if not kept.isascii():
        raise Unusable
    try:
        cost = extract_parameters(kept)
        if cost.memory_cost > MOST_KIB or cost.time_cost > MOST_PASSES or cost.parallelism > MOST_THREADS:
            raise Unusable
        return _hasher.verify(kept, password)
    except (VerifyMismatchError, UnicodeEncodeError):
        return False
    except (Argon2Error, InvalidHashError) as error:
        raise Unusable from error


def is_dated(kept: str) -> bool:
    """True if the hash was made with other parameters than new ones are."""
    return _hasher.check_needs_rehash(kept)


def make() -> str:
    """Make a password nobody can guess, in groups that can be read aloud."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))
