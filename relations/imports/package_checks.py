"""Checks of an .xlsx package before it is parsed: sizes, parts, tags, texts, entities (ZIP bombs, XML bombs)."""

import re
import zipfile
import zlib

from django.utils.translation import gettext as _

from relations.files import zip_directory
from relations.imports.faults import Unreadable

MAX_FILE_BYTES = 20 * 1024 * 1024
MAX_UNPACKED_BYTES = 300 * 1024 * 1024
MAX_COMPRESSION_RATIO = 200
MAX_PARTS = 500
MAX_TAGS = 8_000_000  # 60,000 rows of 20 cells have 5 million
MAX_STRING_TAGS = 3_000_000
DRAWING = ".svg"  # an icon inserted by Excel
MAX_DRAWING_BYTES = 4 * 1024 * 1024  # bytes; embedded pictures are one long text without tags
NAMES = (".xml", ".rels", ".vml", DRAWING)  # extensions of the parts that are XML, parsed or not
STRINGS = re.compile(rb"<(?:[^\s<>:/]+:)?sst[\s/>]")  # the table of strings, whatever its part is called
BLOCK = 256 * 1024  # bytes; an Excel cell holds at most 32,767 characters, so every block contains a tag
DOCTYPE = b"<!DOCTYPE"
ENTITY = b"<!ENTITY"  # the harmful part of a document type; drawings may have a document type
MAX_NAME_LENGTH = 100  # bytes of a tag that may be split between two blocks


def check_package(path):
    """Raises Unreadable unless the package at `path` is harmless; memory use does not depend on its size."""
    with open(path, "rb") as file:
        if zip_directory.has_too_many_entries(file, MAX_PARTS):
            raise abnormal_package_error()
    try:
        with zipfile.ZipFile(path) as package:
            parts = package.infolist()
            check_sizes(parts)
            check_parts(package, parts)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as problem:
        raise Unreadable(_("这不是.xlsx文件。旧的.xls文件请用Excel另存为.xlsx再上传。")) from problem


def unpacked_size(file):
    """Returns the unpacked size in bytes of the package in the open `file`; 0 when its directory fails the checks."""
    if zip_directory.has_too_many_entries(file, MAX_PARTS):
        return 0
    try:
        with zipfile.ZipFile(file) as package:
            parts = package.infolist()
        check_sizes(parts)
    except (zipfile.BadZipFile, Unreadable):
        return 0
    return sum(part.file_size for part in parts)


def check_sizes(parts):
    packed = sum(part.compress_size for part in parts) or 1
    unpacked = sum(part.file_size for part in parts)
    if packed > MAX_FILE_BYTES or unpacked > MAX_UNPACKED_BYTES or unpacked / packed > MAX_COMPRESSION_RATIO:
        raise Unreadable(_("这个文件太大，或者是不正常的压缩文件，没有打开。"))
    if len(parts) > MAX_PARTS:
        raise abnormal_package_error()


def abnormal_package_error():
    return Unreadable(_("这个文件的结构不正常，没有打开。"))


def check_parts(package, parts):
    """Counts the tags of all XML parts; refuses too many, and document types, which entity bombs need."""
    tags = 0
    for part in parts:
        with package.open(part) as stream:
            if not part.filename.lower().endswith(NAMES):
                refuse_xml_content(stream)
                continue
            tags_of_part, holds_strings = count_tags(stream, is_drawing(part))
        tags += tags_of_part
        if holds_strings and tags_of_part > MAX_STRING_TAGS:
            raise abnormal_package_error()
        if tags > MAX_TAGS:
            raise Unreadable(_("这个文件里的格子太多，请分成几个文件。"))


def is_drawing(part):
    return part.filename.lower().endswith(DRAWING) and part.file_size <= MAX_DRAWING_BYTES


def refuse_xml_content(stream):
    """Raises Unreadable when a part not named as XML (picture, printer settings) is XML: it would be parsed as well."""
    head = stream.read(BLOCK)
    first = head.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n")[:1]
    if first == b"<" or (head and not first):
        raise abnormal_package_error()


def count_tags(stream, is_drawing):
    """Returns the number of tags of a part, and whether it is the table of shared strings.

    Raises Unreadable for content that no spreadsheet program writes.
    """
    tags, before, holds_strings = 0, b"", False
    forbidden = ENTITY if is_drawing else DOCTYPE
    while block := stream.read(BLOCK):
        if b"\0" in block or forbidden in (before + block).upper():
            raise abnormal_package_error()
        if len(block) == BLOCK and b"<" not in block and not is_drawing:
            raise abnormal_package_error()
        tags += block.count(b"<")
        holds_strings = holds_strings or bool(STRINGS.search(before + block))
        before = block[-MAX_NAME_LENGTH:]
    return tags, holds_strings
