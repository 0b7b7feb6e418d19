"""The demonstration: invented logins and the scenario, played through the product's own doors."""
