"""All tables of the house in one place, for migrations and their tests; importing it imports every model."""

from __future__ import annotations

import importlib
from pathlib import Path

from sqlalchemy import MetaData

from bot.storage import Base


def metadata() -> MetaData:
    """The tables as the models have them. Every room's `model.py` (and `…_model.py`) belongs to it."""
    for model in sorted(Path(__file__).parent.glob("*/*model.py")):
        importlib.import_module(f"bot.{model.parent.name}.{model.stem}")
    return Base.metadata
