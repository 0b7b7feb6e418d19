"""Pure rules of the offline work."""
