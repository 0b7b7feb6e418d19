"""What the fraud room learns from published sets."""
