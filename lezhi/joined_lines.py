"""The template tag `{% joined %}`: writes one line of a page as several lines of its template.

    {% joined %}
      {{ event.at|cn_date }}
      {% if event.by %}{{ event.by.name }}{% endif %}
    {% endjoined %}

Each line of the template is a part; empty parts are left out, the others are joined by the middle dot of
`{% sep %}`, or by the argument (`{% joined "" %}`: without a space, for Chinese text). Only line breaks of the
template itself separate parts, not those inside a value or a nested tag.
"""

from django.template import Node, TemplateSyntaxError
from django.template.base import TextNode
from django.utils.html import conditional_escape
from django.utils.safestring import mark_safe

DOT = mark_safe('<span class="sep">·</span>')


def joined(parser, token):
    """Compiles the tag. Raises TemplateSyntaxError for more than one separator."""
    name, *arguments = token.split_contents()
    if len(arguments) > 1:
        raise TemplateSyntaxError(f"{name} takes one separator at most")
    separator = parser.compile_filter(arguments[0]) if arguments else None
    nodes = parser.parse((f"end{name}",))
    parser.delete_first_token()
    return JoinedNode(parts_of(nodes), separator)


def parts_of(nodes):
    """The non-empty lines of the template, each as a list of nodes."""
    parts = [[]]
    for node in nodes:
        if not isinstance(node, TextNode):
            parts[-1].append(node)
            continue
        first, *others = node.s.split("\n")
        parts[-1].append(TextNode(first))
        parts += [[TextNode(text)] for text in others]
    return [
        part for part in parts if any(node.s.strip() if isinstance(node, TextNode) else True for node in part)
    ]


class JoinedNode(Node):
    child_nodelists = ()

    def __init__(self, parts, separator):
        self.parts, self.separator = parts, separator

    def get_nodes_by_type(self, nodetype):
        inner = [child for part in self.parts for node in part for child in node.get_nodes_by_type(nodetype)]
        return [self, *inner] if isinstance(self, nodetype) else inner

    def render(self, context):
        between = DOT if self.separator is None else conditional_escape(self.separator.resolve(context))
        texts = ("".join(node.render_annotated(context) for node in part).strip() for part in self.parts)
        return mark_safe(between.join(text for text in texts if text))  # noqa: S308  each node has escaped its own
