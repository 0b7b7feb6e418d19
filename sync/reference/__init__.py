"""What leaves the server for devices: published lists, keys of prescribers, law and engine."""
