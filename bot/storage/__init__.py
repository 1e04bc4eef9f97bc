"""One database: SQLite with one fair writer by default, PostgreSQL where a city has grown."""

from bot.storage.database import Database
from bot.storage.types import Base, BigInt, Json, UTCDateTime

__all__ = ["Base", "BigInt", "Database", "Json", "UTCDateTime"]
