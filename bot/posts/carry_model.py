"""What waits for one person's next digest whatever their mark: news of a change to what they had been told."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage import Base


class Carry(Base):
    """An item that is to be carried to a person. The row goes when it is told."""

    __tablename__ = "carry"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    item_id: Mapped[int] = mapped_column(
        ForeignKey("item.id", ondelete="CASCADE"), primary_key=True, index=True
    )
