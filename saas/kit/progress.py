"""How far a long job is: a note in Redis for whoever waits, never the truth. Gone with Redis, the page waits without it."""

from __future__ import annotations

from redis.exceptions import RedisError

from tenants.queue import connection

KEPT = 3600


def tell(subject: object, done: int, total: int) -> None:
    """Note that `done` of `total` pieces of a job are through. Silent when Redis is away."""
    try:
        connection().set(f"progress:{subject}", f"{done}/{total}", ex=KEPT)
    except RedisError:
        return


def of(subject: object) -> tuple[int, int] | None:
    """(done, total) as last told; None when nothing is known."""
    try:
        said = connection().get(f"progress:{subject}")
    except RedisError:
        return None
    if not isinstance(said, bytes):
        return None
    done, _, total = said.decode().partition("/")
    return int(done), int(total)
