"""What the detectors see: pure functions over facts, one rule a file."""
