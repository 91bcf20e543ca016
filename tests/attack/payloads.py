"""Texts that do harm where the code does not escape, quote or limit them. RAN is the effect of an executed script."""

RAN = "window.__ran = 1"
RTL, ZERO_WIDTH, COMBINING = "\u202e", "\u200b", "\u0338"

SCRIPTS = [
    f"<script>{RAN}</script>",
    f"</script><script>{RAN}</script>",
    f"</title><script>{RAN}</script>",
    f"</textarea><script>{RAN}</script>",
    f"<img src=x onerror='{RAN}'>",
    f"<svg onload='{RAN}'>",
    f"<body onload='{RAN}'>",
    f"<details open ontoggle='{RAN}'>",
    f"<iframe srcdoc='<script>parent.{RAN}</script>'></iframe>",
    f"<a href='javascript:{RAN}'>打开</a>",
    f"<style>@import 'javascript:{RAN}';</style>",
    f"<meta http-equiv='refresh' content='0;url=javascript:{RAN}'>",
    f"<form action='javascript:{RAN}'><button>x</button></form>",
    f"<math><mtext></form><form><mglyph><style></math><img src onerror='{RAN}'>",
    f"＜script＞{RAN}＜/script＞",
    f"%3Cscript%3E{RAN}%3C/script%3E",
    f"&lt;script&gt;{RAN}&lt;/script&gt;",
]
BREAKOUTS = [
    f'" autofocus onfocus="{RAN}" x="',
    f"' autofocus onfocus='{RAN}' x='",
    f'"><script>{RAN}</script>',
    f"'><script>{RAN}</script>",
    f"` onmouseover={RAN} `",
    f"javascript:{RAN}",
    f"data:text/html,<script>{RAN}</script>",
    f"-->*/{RAN}/*<!--",
    f"\\u003cscript\\u003e{RAN}\\u003c/script\\u003e",
    f'{{"a": "</script><script>{RAN}</script>"}}',
]
TEMPLATES = [
    "{{ 'ran-'|add:'template' }}{% now 'Y' %}",
    "${7*7}#{7*7}<%= 7*7 %>",
    "{% load static %}{{ request.user.password }}",
]
STATEMENTS = ["' OR '1'='1", "'; DROP TABLE accounts_user; --", '" UNION SELECT 1,2,3 --', "%_\\%s%(x)s{0}"]
SIGNS = [
    "a\0b",
    f"{RTL}gnp.elif{RTL}",
    f"{ZERO_WIDTH}{ZERO_WIDTH}",
    "💥" * 5000,
    "长" * 100_000,
    f"{COMBINING}" * 500,
]
FORMULAS = [
    "=cmd|'/c calc'!A1",
    '＝HYPERLINK("http://evil.example")',
    "+1+1",
    "＋1",
    "-1",
    "@SUM(1)",
    "\t=1+1",
]
PAYLOADS = SCRIPTS + BREAKOUTS + TEMPLATES + STATEMENTS + SIGNS + FORMULAS


def name_of(payload):
    """Returns a short test id for a payload: its two-digit position."""
    return f"{PAYLOADS.index(payload):02}"
