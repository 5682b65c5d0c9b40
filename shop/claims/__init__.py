"""What an answer claims, found in its sentences and held against the shop's data. Pure; shop/checks.py is the entrance.

All of it reads folded text (wording.fold): lower case, without accents or Markdown, letter for letter as long as the
original, so that a place in one is the same place in the other. Rules for English and Portuguese stand side by side.
"""
