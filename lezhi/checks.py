"""Notes of `manage.py check --deploy` about a site in real use: no faults, but settings to decide on purpose."""

from django.conf import settings
from django.core.checks import Info, Tags, register


@register(Tags.security, deploy=True)
def check_undecided_settings(app_configs, **kwargs):
    return [
        info
        for setting, info in ((settings.CLAMD_SOCKET, NO_SCANNER), (settings.TRUSTED_PROXIES, NO_PROXY))
        if not setting
    ]


NO_SCANNER = Info(
    "Uploads are not scanned for viruses.",
    hint="Run clamd and set CLAMD_SOCKET; see docs/operations.md, Viruses.",
    id="lezhi.I001",
)
NO_PROXY = Info(
    "The site does not run behind a proxy (TRUSTED_PROXIES=0).",
    hint="A few slow connections can then occupy every thread; see docs/operations.md, Slow and large requests.",
    id="lezhi.I002",
)
