"""`make drill-offline`: a seeded day of bad network, then the books compared with what was promised.

It stands outside the product, as `config.drill` does: servers of its own, devices that only know the
API and the pages, and between them a network that is cut, loses answers and tears them apart.
"""

from config.embedded.addresses import CHECKOUT

FOLDER = CHECKOUT / "var" / "drill-offline"
