"""The static files of npm packages that the site serves: the packages are large, the pages need few files."""

from django.contrib.staticfiles.finders import FileSystemFinder

NEEDED_FILES = {
    "vendor/bootstrap": {"bootstrap.min.css", "bootstrap.min.css.map"},
    "vendor/htmx": {"htmx.min.js"},
    "vendor/echarts": {"echarts.common.min.js"},
}


class NeededFilesFinder(FileSystemFinder):
    """Django's finder of STATICFILES_DIRS, limited to NEEDED_FILES."""

    def list(self, ignore_patterns):
        for path, storage in super().list(ignore_patterns):
            served = NEEDED_FILES.get(getattr(storage, "prefix", ""))
            if served is None or path in served:
                yield path, storage
