"""Settings of the measured site: as in real use, with collected static files in a temporary folder."""

from lezhi.settings import *  # noqa: F403
from lezhi.settings import VAR_DIR

STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
