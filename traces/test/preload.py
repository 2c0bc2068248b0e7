"""A library for LD_PRELOAD, which separates names by spaces and colons and knows no quotes."""
import atexit
import os
import shutil
import tempfile


def preloadable(library):
    """The library's absolute path, or that of a copy whose path has no space and no colon."""
    library = os.path.abspath(library)
    if not set(library) & set(" :"):
        return library
    for place in (tempfile.gettempdir(), "/tmp", "/var/tmp", "/dev/shm"):
        if not set(place) & set(" :") and os.access(place, os.W_OK | os.X_OK):
            folder = tempfile.mkdtemp(prefix="memprop-preload-", dir=place)
            atexit.register(shutil.rmtree, folder, ignore_errors=True)
            return shutil.copy(library, folder)
    raise SystemExit(f"expected a folder for a copy of {library} whose path has no space, found none")
