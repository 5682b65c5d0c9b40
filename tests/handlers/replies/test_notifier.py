"""Tasks that wait for the same thing to happen."""

import asyncio

from handlers.replies.notifier import Notifier


async def test_wake_releases_all_waiters_and_later_ones_wait_again() -> None:
    waiters = Notifier()
    first, second = (asyncio.create_task(waiters.wait()) for _ in range(2))
    await asyncio.sleep(0)
    waiters.wake()
    late = asyncio.create_task(waiters.wait())
    await asyncio.wait_for(asyncio.gather(first, second), 2)

    assert not late.done()
    waiters.wake()
    await asyncio.wait_for(late, 2)


async def test_wake_releases_the_given_number_longest_waiting_first() -> None:
    waiters, woken = Notifier(), list[int]()

    async def wait(n: int) -> None:
        await waiters.wait()
        woken.append(n)

    waits = [asyncio.create_task(wait(n)) for n in range(5)]
    await asyncio.sleep(0)
    for most, so_far in ((2, 2), (0, 2), (2, 4), (7, 5)):
        waiters.wake(most)
        await asyncio.sleep(0.001)

        assert woken == list(range(so_far))
    await asyncio.gather(*waits)


async def test_who_stops_waiting_takes_nobody_with_them() -> None:
    waiters = Notifier()
    left, stays = (asyncio.create_task(waiters.wait()) for _ in range(2))
    await asyncio.sleep(0)
    left.cancel()
    waiters.wake()

    await asyncio.wait_for(stays, 2)
    await asyncio.gather(left, return_exceptions=True)
    assert left.cancelled()
