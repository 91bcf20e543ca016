"""Takes screenshots of every main page of the site that `make run` started, into var/screenshots/.

    .venv/bin/python deploy/screenshots.py [--site http://localhost:8000] [--out var/screenshots] [--only my-work,...]

Each page is taken at 1440 and at 390 px width, in Chinese and in English, as the account given in PAGES. Needs only
the standard library, Playwright and an installed Chromium.
"""

import argparse
import re
import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

PASSWORD = "lezhi-demo-2026"  # noqa: S105  password of the demo accounts, printed by make run
WIDTHS = {"desk": (1440, 900), "phone": (390, 844)}
ARGUMENTS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-sync",
]

# name, account, path; {employer} and {complaint} stand for the first row of their lists
PAGES = [
    ("login", None, "/login/"),
    ("my-work", "luo", "/"),
    ("my-work-manager", "director", "/"),
    ("quick-log-pick", "luo", "/log/"),
    ("quick-log", "luo", "/log/{employer}/"),
    ("employers", "zheng", "/employers/"),
    ("employer", "zheng", "/employers/{employer}/"),
    ("employer-new", "zheng", "/employers/new/"),
    ("interactions", "director", "/interactions/"),
    ("approvals", "servicehead", "/approvals/"),
    ("dashboard", "director", "/dashboard/"),
    ("duties", "director", "/dashboard/duties/"),
    ("search", "director", "/search/?q=ql"),
    ("import", "director", "/employers/import/"),
    ("rules", "director", "/rules/"),
    ("holidays", "director", "/rules/holidays/"),
    ("deadline", "director", "/rules/deadline/"),
    ("notices", "luo", "/notices/"),
    ("accounts", "admin", "/accounts/"),
    ("roles", "admin", "/roles/"),
    ("me", "luo", "/me/"),
    ("complaints", "head", "/complaints/?show=all"),
    ("complaint", "head", "/complaints/{complaint}/"),
    ("complaint-paper", "head", "/complaints/{complaint}/paper/"),
    ("complaint-new", "su", "/complaints/new/"),
    ("complaint-board", "head", "/complaints/board/"),
    ("complaint-file", "head", "/complaints/paper/file/"),
    ("measures", "head", "/complaints/measures/"),
    ("portal", None, "/portal/"),
    ("portal-form", None, "/portal/form/"),
    ("portal-follow", None, "/portal/follow/"),
]
# {placeholder: (path of the list, pattern of the path of a row)}
LISTS = {
    "employer": ("/employers/", r"/employers/(\d+)/"),
    "complaint": ("/complaints/?show=open", r"/complaints/(\d{4}-\w+)/"),
}


def main():
    options = arguments()
    out = Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        for width, size in WIDTHS.items():
            for language in options.languages.split(","):
                take_all(browser, options, out, width, size, language)
        browser.close()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--site", default="http://localhost:8000")
    parser.add_argument("--out", default="var/screenshots")
    parser.add_argument("--only", default="")
    parser.add_argument("--languages", default="zh-hans,en")
    return parser.parse_args()


def take_all(browser, asked, out, width, size, language):
    chosen = [page for page in PAGES if not asked.only or page[0] in asked.only.split(",")]
    pages = {}
    for name, account, address in chosen:
        if account not in pages:
            pages[account] = logged_in(browser, asked.site, account, size, language)
        page = pages[account]
        keys = {name: first_of(page, asked.site, name) for name in LISTS if f"{{{name}}}" in address}
        page.goto(asked.site + address.format(**keys))
        page.wait_for_load_state("networkidle")
        page.screenshot(path=str(out / f"{name}-{width}-{language}.png"), full_page=True)
    for page in pages.values():
        page.context.close()


def logged_in(browser, site, account, size, language):
    """Returns a page in a new browser context, logged in as `account`, in `language`."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    page = context.new_page()
    if account:
        page.goto(f"{site}/login/")
        page.fill("[name=username]", account)
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_load_state("networkidle")
        speak(page, site, language)
    return page


def speak(page, site, language):
    """Chooses the language on the personal page, where it is a field of the form (in the menu it is a button)."""
    page.goto(f"{site}/me/")
    page.locator(f"main [type=radio][name=language][value='{language}']").dispatch_event("click")
    page.locator("main form:has([type=radio][name=language]) [type=submit]").first.click()
    page.wait_for_load_state("networkidle")


def first_of(page, site, name):
    """Returns the part of the path that identifies the first row of the list `name`."""
    address, pattern = LISTS[name]
    page.goto(f"{site}{address}")
    links = page.locator("a.nm").evaluate_all("found => found.map(a => a.getAttribute('href'))")
    return next(match[1] for link in links if (match := re.fullmatch(pattern, link)))


if __name__ == "__main__":
    main()
