"""Importing published lists: read a file, compare by period, write by COPY, tell what happened.

A room's `reference` drawer knows its list (layouts, columns, tables); everything that is the same for
every list is here: `files` reads, `cells` parses, `versions` compares (pure), `writing` writes,
`report` remembers what to tell, `command` is the entrance at a terminal.
"""
