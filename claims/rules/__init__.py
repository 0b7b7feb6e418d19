"""Rules about claims that the engine does not judge by: pure, like it."""
