"""Persons, their accounts and settings, what they subscribe to and which roles they hold."""
