"""procrastinate's queue on the same PostgreSQL: empty jobs written in one go, then worked off by one worker.

Its pool is as large as the number of jobs at once.

Gets {"url": …, "jobs": …, "at_once": …}, prints {"published": seconds, "seconds": …, "rows_per_second": …}.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import time

from procrastinate import App, PsycopgConnector


async def _copy(number: int) -> None:
    """Nothing: the queue is what is measured."""


async def main() -> None:
    order = json.loads(sys.argv[1])
    logging.getLogger("procrastinate").setLevel(logging.ERROR)
    app = App(connector=PsycopgConnector(conninfo=order["url"], max_size=order["at_once"]))

    copy = app.task(_copy, name="copy", queue="copies")
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        began = time.perf_counter()
        await copy.batch_defer_async(*({"number": n} for n in range(order["jobs"])))
        published = time.perf_counter() - began
        began = time.perf_counter()
        await app.run_worker_async(
            queues=["copies"], wait=False, concurrency=order["at_once"], install_signal_handlers=False
        )
        took = time.perf_counter() - began
        done = await app.connector.execute_query_one_async(
            "SELECT count(*) AS done FROM procrastinate_jobs WHERE status = 'succeeded'"
        )
    if done["done"] != order["jobs"]:
        raise RuntimeError("not all jobs were done")
    told = {"published": published, "seconds": took, "rows_per_second": order["jobs"] / took}
    sys.stdout.write(json.dumps(told) + "\n")


asyncio.run(main())
