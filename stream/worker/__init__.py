"""How does the engine run live?  Faust owns the group; lanes apply batches and keep each in one Kafka transaction.

``stream.worker.run.run(settings)`` is the whole of it; ``docs/worker.md`` says how it works and what it promises.
"""
