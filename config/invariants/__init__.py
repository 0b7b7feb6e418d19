"""What must hold of the whole database at any moment: twelve queries that must return nothing."""
