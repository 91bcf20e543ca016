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
    "No upload is looked at for viruses.",
    hint="Run clamd and name it in CLAMD_SOCKET; see docs/operations.md, Viruses.",
    id="lezhi.I001",
)
NO_PROXY = Info(
    "No proxy stands before the site (TRUSTED_PROXIES=0).",
    hint="A few slow connections then hold every thread; see docs/operations.md, Slow and large requests.",
    id="lezhi.I002",
)
