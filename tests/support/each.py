"""One test of a rule that holds for hundreds of things: it takes a hundredth of the time of as many tests, and names all that fail."""

from collections.abc import Callable, Collection
from typing import TypeVar

Case = TypeVar("Case")


def each(
    cases: Collection[Case], name: Callable[[Case], str] = str
) -> Callable[[Callable[[Case], None]], Callable[[], None]]:
    """Return a decorator that makes one test of a check of one case. It fails with the name and the error of each that fails."""

    def of_all(check: Callable[[Case], None]) -> Callable[[], None]:
        def test() -> None:
            failed = list[str]()
            for case in cases:
                try:
                    check(case)
                except AssertionError as error:
                    failed.append(f"{name(case)}: {error}")
            assert not failed, "\n\n".join([f"{len(failed)} of {len(cases)}", *failed])

        test.__name__, test.__qualname__, test.__doc__ = check.__name__, check.__qualname__, check.__doc__
        test.__module__ = check.__module__
        return test

    return of_all
