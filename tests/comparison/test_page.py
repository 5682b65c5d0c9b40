"""The report's page, where there is little to show."""

from tests.comparison.advice import advise
from tests.comparison.page import render
from tests.comparison.report import Report
from tests.comparison.scoring import Share
from tests.comparison.selfcheck import SelfCheck


def test_an_aborted_comparison_still_produces_a_page():
    check = SelfCheck(Share(99, 99), {"vague": Share(9, 9)}, Share(9, 9))
    page = render(Report(check, (), (), (), advise([]), "No dialogue.", is_whole=False))

    assert "Broken off" in page
    assert "<svg" not in page
    assert "vague: 9 of 9 refused" in page
