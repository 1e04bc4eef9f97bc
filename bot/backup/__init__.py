"""Copies of everything that would be missed: taken while the program runs, put back while it doesn't.

One file holds the database, what adapters keep beside it (an encryption store), and a manifest that says of which
version it is and what must be in it. What is half written never bears the file's name.
"""

from bot.backup.archive import BackupError, Manifest

__all__ = ["BackupError", "Manifest"]
