"""A deadline for each of many steps, kept by one timer."""

import asyncio


class Deadline:
    """The loop's time by which a step must be done: `at`, to be set anew before each step.

    TimeoutError out of `with deadline:` when the step, a `with` block that awaits, is not done by then; nothing strikes
    between two steps. asyncio.timeout makes a timer a step, which for an answer's tokens is more than reading them; here
    a timer that rings too early looks at the time and waits on. Call `close` at the end.
    """

    def __init__(self, at: float) -> None:
        self.at = at
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._rings_at = 0.0
        self._task: asyncio.Task[object] | None = None
        self._cancelling = 0
        self._has_struck = False

    def __enter__(self) -> None:
        self._task = task = asyncio.current_task()
        self._cancelling = task.cancelling() if task is not None else 0
        if self._timer is None or self.at < self._rings_at:
            self._set()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        task, self._task = self._task, None
        if self._has_struck and task is not None:
            self._has_struck = False
            if task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
                raise TimeoutError from error

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _set(self) -> None:
        self.close()
        self._rings_at = self.at
        self._timer = self._loop.call_at(self.at, self._ring)

    def _ring(self) -> None:
        self._timer = None
        if self._task is None:
            return  # between two steps: the next one sets it again
        if self._loop.time() < self.at:
            self._set()
        else:
            self._has_struck = True
            self._task.cancel()
