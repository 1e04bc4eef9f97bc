"""Which post told that one date of an offer does not take place: so that it can be taken back with the date."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage import Base, BigInt


class OfferNews(Base):
    """A cancellation that was tapped. The newest one of a date counts; older ones were taken back."""

    __tablename__ = "offer_news"
    __table_args__ = (Index("ix_offer_news_date", "offer", "date"),)

    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"), primary_key=True)
    offer: Mapped[int] = mapped_column(BigInt)
    date: Mapped[date]
