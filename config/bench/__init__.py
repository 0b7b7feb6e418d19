"""The bench: settlement and submission measured beside their floor, all-SQL and the naive way."""
