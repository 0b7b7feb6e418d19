"""The set-up room: from an empty machine to a running Waraqa.

`__main__`, `setup` and what they call run on the machine's own Python, before any package is there:
standard library only. `site`, `testing` and `checks` run inside `.venv`.
"""
