from shop import answers


def test_accents_case_and_plurals_make_no_difference():
    lines = ["Açaí bowls, hand carved", "Something else", "A third thing"]

    assert answers.matching(lines, "ACAI BOWL?") == ["Açaí bowls, hand carved"]


def test_a_contact_that_was_found_stands_once():
    found = answers.find("Write to ola@shop.example about hammocks.\nCall +55 81 0555-0142.", "hammocks?")

    assert found.lines == ("Write to ola@shop.example about hammocks.",)
    assert found.contacts == ("Call +55 81 0555-0142.",)


def test_nothing_is_found_in_nothing():
    assert answers.find("", "Do you ship to Recife?") == answers.ShopAnswer((), ())
