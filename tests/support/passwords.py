"""Passwords whose check costs next to nothing: tests sign in some thousand times, and each true check costs 64 MiB.

The tests of the sign-in itself, and the program that is started from nothing (`tests/deploy`), pay the full price.
"""

from argon2 import PasswordHasher

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
FULL_PRICE = "PASSWORDS_AT_FULL_PRICE"  # in the environment of a server


def cheaply() -> None:
    """From now on this process hashes and checks so."""
    from backend.access import api, passwords

    passwords.HASHER = api.HASHER = CHEAP  # type: ignore[misc]
