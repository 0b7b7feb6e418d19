"""What the fraud room keeps outside PostgreSQL: the warehouse that nightly statistics read."""
