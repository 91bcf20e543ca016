"""`build_icons`: writes lezhi/static/lezhi/icons.css from icons.txt and the installed bootstrap-icons package."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from lezhi import icons


class Command(BaseCommand):
    help = "Writes icons.css with the icons named in icons.txt, taken from bootstrap-icons."

    def handle(self, **options):
        drawings = settings.VENDOR_DIR / "bootstrap-icons" / "icons"
        missing = [name for name in icons.names() if not (drawings / f"{name}.svg").exists()]
        if missing:
            raise CommandError(f"bootstrap-icons does not have: {', '.join(missing)} (did `npm ci` run?)")
        pairs = [(name, (drawings / f"{name}.svg").read_text(encoding="utf-8")) for name in icons.names()]
        icons.STYLES.write_text(icons.sheet(pairs), encoding="utf-8")
        self.stdout.write(f"{len(pairs)} icons in {icons.STYLES.name}")
