"""What a Word file says."""

import io

from docx import Document


def text_of_word(answer):
    """Returns the text of the Word file in a response: its paragraphs, then the cells of its tables."""
    document = Document(io.BytesIO(answer.content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])
