"""Reads forms or paths with parsers for Python; ChildParsers.java describes the lines.

Needs the Debian packages python3-starlette, python3-multipart, python3-werkzeug and python3-django.
"""

import asyncio
import io
import sys
import urllib.parse

from django.conf import settings
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http.multipartparser import MultiPartParser as DjangoParser
from starlette.datastructures import Headers
from starlette.formparsers import MultiPartParser as StarletteParser
from starlette.requests import parse_options_header as starlette_options
from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header

# Larger than all generated forms.
NO_LIMIT = 1024 * 1024

FORM = "multipart/form-data"
REFUSED = "!"

settings.configure(DEFAULT_CHARSET="utf-8", FILE_UPLOAD_MAX_MEMORY_SIZE=NO_LIMIT)


def text(content):
    return content.decode("utf-8", "replace") if isinstance(content, bytes) else content


async def starlette(content_type, body):
    """As FastAPI, on which most servers of models are built."""
    if starlette_options(content_type)[0] != FORM.encode():
        raise ValueError("not a form")

    async def chunks():
        yield body
        yield b""

    form = await StarletteParser(Headers({"content-type": content_type}), chunks()).parse()
    return [
        (name, value if isinstance(value, str) else text(await value.read())) for name, value in form.multi_items()
    ]


async def werkzeug(content_type, body):
    """As Flask."""
    media_type, options = parse_options_header(content_type)
    if media_type != FORM:
        raise ValueError("not a form")
    _, fields, files = FormDataParser(silent=False).parse(io.BytesIO(body), media_type, len(body), options)
    return [*fields.items(multi=True)] + [(name, text(file.read())) for name, file in files.items(multi=True)]


async def django(content_type, body):
    meta = {"CONTENT_TYPE": content_type, "CONTENT_LENGTH": len(body)}
    fields, files = DjangoParser(meta, io.BytesIO(body), [Uploads()], "utf-8").parse()
    return [(name, value) for name, values in fields.lists() for value in values] + [
        (name, text(file.read())) for name, values in files.lists() for file in values
    ]


class Uploads(MemoryFileUploadHandler):
    def __init__(self):
        super().__init__()
        self.activated = True

    def handle_raw_input(self, *args, **kwargs):
        pass


FORM_READERS = {"starlette": starlette, "werkzeug": werkzeug, "django": django}


def asgi_path(target):
    """As Uvicorn and Hypercorn, which decode the path before an application sees it."""
    return urllib.parse.unquote(target.partition("?")[0])


def wsgi_path(target):
    """As Gunicorn, which also removes the scheme and the host."""
    return text(urllib.parse.unquote_to_bytes(urllib.parse.urlsplit(target).path))


PATH_READERS = {"uvicorn": asgi_path, "gunicorn": wsgi_path}


def encoded(value):
    return value.encode("utf-8", "surrogatepass").hex()


async def read_form(content_type, body=""):
    results = []
    for name, reader in FORM_READERS.items():
        try:
            pairs = await reader(bytes.fromhex(content_type).decode(), bytes.fromhex(body))
            result = ",".join(f"{encoded(key or '')}:{encoded(value)}" for key, value in pairs)
        except Exception:  # Whatever a parser raises, it has refused the form.
            result = REFUSED
        results.append(f"{name}={result}")
    return results


async def read_path(target):
    results = []
    for name, reader in PATH_READERS.items():
        try:
            result = encoded(reader(bytes.fromhex(target).decode()))
        except ValueError:
            result = REFUSED
        results.append(f"{name}={result}")
    return results


async def main(read):
    for line in sys.stdin:
        print("\t".join(await read(*line.rstrip("\n").split(" "))))


asyncio.run(main({"forms": read_form, "paths": read_path}[sys.argv[1]]))
