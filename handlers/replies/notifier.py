"""Tasks of one loop that wait for the same thing to happen."""

import asyncio


class Notifier:
    """Wakes all waiting tasks, each by a future of its own: one that is cancelled meanwhile cancels no other."""

    def __init__(self) -> None:
        self._futures = list[asyncio.Future[None]]()

    async def wait(self) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._futures.append(future)
        await future

    def wake(self, most: int | None = None) -> None:
        """Wake all waiters, or so many of them: the longest waiting first."""
        futures, self._futures = self._futures[:most], [] if most is None else self._futures[most:]
        for future in futures:
            if not future.done():
                future.set_result(None)
