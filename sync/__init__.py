"""Work done with no network, and what devices keep to do it: reference packs, envelopes and their order."""
