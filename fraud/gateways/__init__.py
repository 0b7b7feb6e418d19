"""Beyond the database: the warehouse in which the history of claims is read column by column."""
