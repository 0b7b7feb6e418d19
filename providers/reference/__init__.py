"""Published lists of this room: the territory and the register of providers; neither keeps versions."""
