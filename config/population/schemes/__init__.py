"""Fourteen ways to cheat, at three strengths, written from what payers and courts have described."""
