"""A deadline for each of many steps."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing
from typing import Any

import pytest

from completions.deadline import Deadline


def now() -> float:
    return asyncio.get_running_loop().time()


@pytest.fixture
async def deadline() -> AsyncIterator[Deadline]:
    with closing(Deadline(now() + 0.05)) as made:
        yield made


async def test_a_step_that_is_done_in_time_is_let_be(deadline: Deadline) -> None:
    with deadline:
        await asyncio.sleep(0)


async def test_a_step_that_is_late_is_ended(deadline: Deadline) -> None:
    with pytest.raises(TimeoutError), deadline:
        await asyncio.sleep(10)

    assert now() >= deadline.at - 0.002
    assert asyncio.current_task().cancelling() == 0


async def test_between_two_steps_nothing_strikes(deadline: Deadline) -> None:
    with deadline:
        await asyncio.sleep(0)
    await asyncio.sleep(0.1)

    deadline.at = now() + 0.05
    with pytest.raises(TimeoutError), deadline:
        await asyncio.sleep(10)


async def test_it_can_be_put_off(deadline: Deadline) -> None:
    with deadline:
        await asyncio.sleep(0)
    deadline.at += 60
    with deadline:
        await asyncio.sleep(0.1)  # the timer rings meanwhile


async def test_it_can_be_brought_forward() -> None:
    with closing(Deadline(now() + 60)) as deadline:
        with deadline:
            await asyncio.sleep(0)
        deadline.at = now() + 0.02
        with pytest.raises(TimeoutError), deadline:
            await asyncio.sleep(10)


async def test_one_that_is_past_strikes_at_once(deadline: Deadline) -> None:
    deadline.at = now() - 1
    with pytest.raises(TimeoutError), deadline:
        await asyncio.sleep(10)


async def test_who_ends_the_task_is_no_deadline(deadline: Deadline) -> None:
    async def step() -> None:
        with deadline:
            await asyncio.sleep(10)

    task = asyncio.create_task(step())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_who_ends_the_task_after_it_struck_is_heard(deadline: Deadline) -> None:
    async def step() -> None:
        with deadline:
            try:
                await asyncio.sleep(10)
            finally:
                asyncio.current_task().cancel()

    task = asyncio.create_task(step())
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_many_steps_set_one_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    timers, loop = list[float](), asyncio.get_running_loop()
    call_at = loop.call_at

    def counted(at: float, *rest: Any) -> asyncio.TimerHandle:
        timers.append(at)
        return call_at(at, *rest)

    monkeypatch.setattr(loop, "call_at", counted)
    with closing(Deadline(now() + 60)) as deadline:
        for _ in range(100):
            deadline.at += 0.001
            with deadline:
                await asyncio.sleep(0)

    assert len(timers) == 1
