"""Word files made from the templates in the repository (docs/word-templates.md)."""

import io
from urllib.parse import quote

from django.http import HttpResponse

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def word_answer(template, context, name):
    """The Word file at the path `template` filled with the dict `context`, as a download called `name`."""
    from docxtpl import DocxTemplate

    document = DocxTemplate(template)
    document.render(printable(context), autoescape=True)
    written = io.BytesIO()
    document.save(written)
    answer = HttpResponse(written.getvalue(), content_type=WORD)
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(f'{name}.docx')}"
    return answer


def printable(value):
    """`value` without the control signs that a Word file cannot hold."""
    if isinstance(value, str):
        return "".join(sign for sign in value if sign >= " " or sign in "\t\n")
    if isinstance(value, dict):
        return {key: printable(item) for key, item in value.items()}
    return [printable(item) for item in value] if isinstance(value, list | tuple) else value
