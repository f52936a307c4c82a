"""How does the demo serve the live page, if what that takes is installed?"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path

from stream.broker.ports import free_port
from stream.cli.demo.worker import worker
from stream.kafka.access import Access
from stream.merchant.api.tokens import digest_of, line_of

TOKEN = "demo"  # noqa: S105 - whoever is on this machine may look at a marketplace that was made up
NEEDED = ("fastapi", "uvicorn")


@asynccontextmanager
async def page(address: Access, prefix: str, place: Path, *, own_kafka: bool) -> AsyncIterator[str | None]:
    """Where it is, for as long as the block; None: it cannot be served."""
    if any(find_spec(name) is None for name in NEEDED):
        yield None
        return
    tokens, http = place / "tokens.toml", f"127.0.0.1:{free_port()}"
    tokens.write_text(line_of(digest_of(TOKEN), [], ops=True, name="demo") + "\n", "utf-8")
    kafka = ("--bootstrap", str(address), "--topic-prefix", prefix)
    options = ("--tokens", str(tokens), "--http", http, "--clock", "events")
    async with worker((*options, *kafka), place / "page.log", own_kafka=own_kafka, command="api"):
        yield f"http://{http}/"
