"""keys by their bytes"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # An adapter lists its keys in the order of their bytes; in any other order the primary key finds no range of them.
    # SQLite compares so by nature.
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("adapter_store", "key", type_=sa.String(length=255, collation="C"))


def downgrade() -> None:
    raise NotImplementedError("restore a backup: steps are only taken forwards")
