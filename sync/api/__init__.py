"""The API of the offline work."""
