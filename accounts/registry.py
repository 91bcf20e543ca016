"""Registers: the one way in which an app receives objects from apps above it, when the site starts.

An app declares a register and documents its entries:

    SOURCES = Registry("timeline sources")

An app above fills it in its module `registrations`, which its AppConfig imports in `ready` (no other code fills one):

    SOURCES.add("meetings", Meetings())

The lower app reads `SOURCES.values()` or `SOURCES["meetings"]`, or loops over `SOURCES.items()`. Entries are in the
order in which they were added, that is the order of INSTALLED_APPS.
"""

from collections.abc import Mapping

from django.core.exceptions import ImproperlyConfigured

REGISTRIES = {}


class Registry(Mapping):
    """A read-only mapping from a key (str) to the object that an app above has added under it.

    Raises ImproperlyConfigured when a key is added twice or two registers have the same name.
    """

    def __init__(self, name):
        if name in REGISTRIES:
            raise ImproperlyConfigured(f"There are two registers called {name}.")
        self.name, self._entries = name, {}
        REGISTRIES[name] = self

    def add(self, key, entry):
        """Adds `entry` under `key` and returns it, so that a decorator can return the result."""
        if key in self._entries:
            raise ImproperlyConfigured(f"{key} is in the register of {self.name} already.")
        self._entries[key] = entry
        return entry

    def add_all(self, entries):
        """Adds the values of a mapping under its keys."""
        for key, entry in entries.items():
            self.add(key, entry)

    def entry(self, key):
        """Decorator for a class or function: adds it under `key`."""
        return lambda entry: self.add(key, entry)

    def __getitem__(self, key):
        return self._entries[key]

    def __iter__(self):
        return iter(self._entries)

    def __len__(self):
        return len(self._entries)

    def __repr__(self):
        return f"<Registry {self.name}: {', '.join(map(str, self._entries)) or 'empty'}>"
