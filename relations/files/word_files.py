"""Word files rendered from the templates in the repository (docs/word-templates.md)."""

import io
from urllib.parse import quote

from django.http import HttpResponse

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def word_answer(template, context, name):
    """Returns the Word template at the path `template`, rendered with `context`, as a download named `name`.docx."""
    from docxtpl import DocxTemplate

    document = DocxTemplate(template)
    document.render(without_control_characters(context), autoescape=True)
    stream = io.BytesIO()
    document.save(stream)
    response = HttpResponse(stream.getvalue(), content_type=WORD)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(f'{name}.docx')}"
    return response


def without_control_characters(value):
    """Removes the control characters that a Word file cannot contain, also in nested dicts and lists."""
    if isinstance(value, str):
        return "".join(char for char in value if char >= " " or char in "\t\n")
    if isinstance(value, dict):
        return {key: without_control_characters(item) for key, item in value.items()}
    return [without_control_characters(item) for item in value] if isinstance(value, list | tuple) else value
