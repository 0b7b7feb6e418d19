"""The steps of the law, one file each. Their docstrings quote the rule and its reference."""
