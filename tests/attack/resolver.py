"""Every URL of the site, read from the URL resolver itself, so that no new page is missed."""

from dataclasses import dataclass

from django.urls import get_resolver, reverse


@dataclass(frozen=True)
class Address:
    """One URL pattern: full name (or `(route)` when it has none), route, and names of its parameters."""

    name: str
    route: str
    parameters: tuple

    def url(self, values):
        """Returns the URL with its parameters taken from the dict `values`. Raises KeyError when one is missing."""
        return reverse(self.name, kwargs={name: values[name] for name in self.parameters})


def addresses(resolver=None, namespace="", route=""):
    """Yields each Address of the site in the order of the resolver."""
    for pattern in (resolver or get_resolver()).url_patterns:
        here = f"{route}{pattern.pattern}"
        if hasattr(pattern, "url_patterns"):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from addresses(pattern, inner, here)
        else:
            parameters = tuple(pattern.pattern.regex.groupindex) or tuple(
                getattr(pattern.pattern, "converters", {})
            )
            yield Address(f"{namespace}{pattern.name or f'({here})'}", here, parameters)


def by_name(resolver=None):
    """Returns {name: Address}; of several patterns with one name, the one with the most parameters."""
    found = {}
    for address in addresses(resolver):
        known = found.get(address.name)
        if known is None or len(address.parameters) >= len(known.parameters):
            found[address.name] = address
    return found
