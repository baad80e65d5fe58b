"""The engine room: people, draws, clocks, queues, engine and recorder. Knows nothing of policy."""
