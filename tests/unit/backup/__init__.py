"""Backups, and what becomes of what they hold."""
