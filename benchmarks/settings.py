"""The site as in real use, with its collected static files in a scratch folder."""

from lezhi.settings import *  # noqa: F403
from lezhi.settings import VAR_DIR

STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
