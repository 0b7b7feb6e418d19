"""The law: one YAML file a parameter, and their loader."""
