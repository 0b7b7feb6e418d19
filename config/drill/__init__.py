"""`make drill`: a seeded harness that breaks a running Waraqa, then proves that nothing was lost.

It stands outside the product: its own PostgreSQL and Valkey, the real web server, workers and
schedulers, claims over HTTP. It shares with them no lock and no state but the database it looks at.
"""
