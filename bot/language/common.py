"""Words that every room uses, so that the same thing is called the same everywhere."""

from __future__ import annotations

from bot.language.message import M, Msg, Name

# Translators: button: agree.
YES = M("common.yes")
# Translators: button: don't agree.
NO = M("common.no")
# Translators: button: one step back.
BACK = M("common.back")
# Translators: button: leave the form; nothing is kept.
CANCEL = M("common.cancel")
# Translators: button: to the main menu.
MENU = M("common.menu")
# Translators: button: the next step.
NEXT = M("common.next")
# Translators: button: finished.
DONE = M("common.done")
# Translators: below a numbered list of choices, where there are no buttons.
CHOOSE_NUMBER = M("common.choose_number")
# Translators: the answer to something typed that the bot can't make sense of. Shown above the menu.
NOT_UNDERSTOOD = M("common.not_understood")

# Translators: words people type to unsubscribe or to leave a form. Separated by commas, small letters.
WORDS_STOP = M("common.words.stop")
# Translators: words people type when they need help. Separated by commas, small letters.
WORDS_HELP = M("common.words.help")
# Translators: words people type to go one step back. Separated by commas, small letters.
WORDS_BACK = M("common.words.back")
# Translators: words people type to see the menu. Separated by commas, small letters.
WORDS_MENU = M("common.words.menu")
# Translators: words people type to see what is on today. Separated by commas, small letters.
WORDS_TODAY = M("common.words.today")
# Translators: words people type to see what is on this week. Separated by commas, small letters.
WORDS_WEEK = M("common.words.week")


def pair_of(number: int) -> Msg:
    """How a message that came by itself is answered where there are no buttons: its number and the choice's."""
    # Translators: below numbered choices of a message that came by itself: both numbers are typed. {example}: "12 1".
    return M("common.choose_pair", example=Name(f"{number} 1"))
