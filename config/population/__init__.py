"""Synthetic countries: reading and writing their files, making one, and judging the fraud rules on it."""
