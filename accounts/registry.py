"""The one way in which a room below learns from rooms above: a register that they fill when the site starts.

A room declares what it asks for, and what an entry looks like:

    SOURCES = Registry("timeline sources")

A room above fills it in its module `registrations`, which its AppConfig imports in `ready` (nothing else fills one):

    SOURCES.add("meetings", Meetings())

The room below reads `SOURCES.values()`, `SOURCES["meetings"]`, or loops over the pairs of `SOURCES.items()`. Entries
come in the order in which they were added, that is by INSTALLED_APPS.
"""

from collections.abc import Mapping

from django.core.exceptions import ImproperlyConfigured

REGISTRIES = {}


class Registry(Mapping):
    """A read-only mapping from a key (str) to what a room above has added under it.

    Raises ImproperlyConfigured when a key is added twice or two registers have one name.
    """

    def __init__(self, name):
        if name in REGISTRIES:
            raise ImproperlyConfigured(f"There are two registers called {name}.")
        self.name, self._entries = name, {}
        REGISTRIES[name] = self

    def add(self, key, entry):
        """Adds `entry` under `key`, and returns it, so that a decorator may end with it."""
        if key in self._entries:
            raise ImproperlyConfigured(f"{key} is in the register of {self.name} already.")
        self._entries[key] = entry
        return entry

    def add_all(self, entries):
        """Adds the values of a mapping under its keys."""
        for key, entry in entries.items():
            self.add(key, entry)

    def entry(self, key):
        """Decorator of a class or function: adds it under `key`."""
        return lambda entry: self.add(key, entry)

    def __getitem__(self, key):
        return self._entries[key]

    def __iter__(self):
        return iter(self._entries)

    def __len__(self):
        return len(self._entries)

    def __repr__(self):
        return f"<Registry {self.name}: {', '.join(map(str, self._entries)) or 'empty'}>"
