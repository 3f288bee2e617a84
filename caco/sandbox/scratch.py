# The scratch folder of a request with files: filled before the program starts, read after it ended, emptied when it and
# all that it started are dead.

import binascii
import json
import os
import stat

import caco_encode as encoder

READ_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK

# What runs after a program is bound before it.
os_open, os_read, os_close, os_fstat, os_write = os.open, os.read, os.close, os.fstat, os.write
is_regular, to_base64 = stat.S_ISREG, binascii.b2a_base64


def prepare(order):
    """Writes the files of a scratch order (protocol.h); returns the wanted paths, how many bytes they may have,
    and the program's arguments."""
    order = json.loads(order)
    for path, content in order["files"]:
        folder = os.path.dirname(path)
        if folder:
            os.makedirs(folder, exist_ok=True)
        fd = os_open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        view = memoryview(binascii.a2b_base64(content))
        while view:
            view = view[os_write(fd, view):]
        os_close(fd)
    return order["wanted"], order["limit"], order["arguments"]


def read(wanted, limit):
    """Returns the wanted files that are there as JSON, a list of [path, base64] pairs. What is no regular file, or does
    not fit into the limit of all together, is left out."""
    found = []
    for path in wanted:
        try:
            fd = os_open(path, READ_FLAGS)
        except OSError:
            continue
        try:
            status = os_fstat(fd)
            if not is_regular(status.st_mode) or status.st_size > limit:
                continue
            data = b""
            while len(data) < status.st_size:
                part = os_read(fd, status.st_size - len(data))
                if not part:
                    break
                data += part
            limit -= len(data)
            found.append(f'[{encoder.quote_text(path)},"{to_base64(data, newline=False).decode()}"]')
        except (OSError, MemoryError):
            continue
        finally:
            os_close(fd)
    return f"[{','.join(found)}]"


def clear(root):
    """Empties the folder without recursion; a folder that cannot be emptied raises OSError."""
    folders, waiting = [], [root]
    while waiting:
        folder = waiting.pop()
        if folder is not root:
            folders.append(folder)
            os.chmod(folder, 0o700)
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                else:
                    os.unlink(entry.path)
    for folder in reversed(folders):
        os.rmdir(folder)
    os.chmod(root, 0o700)
