"""`python -m bot` is `quartierbote`."""

from bot.cli import main

main()
