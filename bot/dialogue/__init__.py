"""What people say: stored, understood as command, choice or step of a form, and handed to the feature whose it is.

Imports no feature: features register their routes, and `bot.app` connects who speaks.
"""

from bot.dialogue.routes import Routes
from bot.dialogue.turn import Button, Directory, Speaker, Step, Turn

__all__ = ["Button", "Directory", "Routes", "Speaker", "Step", "Turn"]
