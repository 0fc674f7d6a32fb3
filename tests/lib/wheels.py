"""Wheels and source distributions made on the spot: a name, a version, requirements, and what else a test
wants to be in them. Bytes depend on the arguments alone."""
import base64
import gzip
import hashlib
import io
import tarfile
import zipfile

DATE = (2020, 1, 1, 0, 0, 0)


class Dist:
    """A file an index can list."""

    def __init__(self, filename, data, metadata=None, requires_python=None, yanked=False):
        self.filename, self.data = filename, data
        self.metadata = metadata  # bytes of METADATA, for wheels
        self.requires_python, self.yanked = requires_python, yanked
        self.project = normalize(filename.split("-")[0])
        self.upload_time = "2024-01-01T00:00:00.000000Z"

    @property
    def sha256(self):
        return hashlib.sha256(self.data).hexdigest()


def normalize(name):
    return name.lower().replace("_", "-").replace(".", "-")


def core_metadata(name, version, requires=(), extras=None, requires_python=None, metadata_version="2.1",
                  dynamic=()):
    """METADATA or PKG-INFO. extras: {extra: [requirement, ...]}"""
    lines = ["Metadata-Version: " + metadata_version, "Name: " + name, "Version: " + version]
    lines += ["Requires-Python: " + requires_python] if requires_python else []
    lines += ["Dynamic: " + field for field in dynamic]
    lines += ["Requires-Dist: " + requirement for requirement in requires]
    for extra, requirements in (extras or {}).items():
        lines.append("Provides-Extra: " + extra)
        for requirement in requirements:
            head, _, marker = requirement.partition(";")
            condition = "(%s) and " % marker.strip() if marker else ""
            lines.append('Requires-Dist: %s ; %sextra == "%s"' % (head.strip(), condition, extra))
    return ("\n".join(lines) + "\n\nA package for a test.\n").encode()


def wheel(name, version, requires=(), extras=None, requires_python=None, tag="py3-none-any", files=None,
          scripts=None, yanked=False, padding=0, metadata=None):
    """files: {path: bytes} beside <name>/__init__.py. scripts: {command: "module:function"}. padding: so many
    bytes that do not compress, for a wheel whose size matters."""
    module = name.replace("-", "_").replace(".", "_")
    info = "%s-%s.dist-info" % (module, version)
    metadata = metadata or core_metadata(name, version, requires, extras, requires_python)
    members = {module + "/__init__.py": b'__version__ = "%s"\n' % version.encode()}
    members.update(files or {})
    if padding:
        members[module + "/padding.bin"] = noise(name + version, padding)
    members[info + "/METADATA"] = metadata
    members[info + "/WHEEL"] = ("Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: %s\n" % tag).encode()
    if scripts:
        lines = ["[console_scripts]"] + ["%s = %s" % pair for pair in scripts.items()]
        members[info + "/entry_points.txt"] = ("\n".join(lines) + "\n").encode()
    members[info + "/RECORD"] = record(members, info + "/RECORD")
    filename = "%s-%s-%s.whl" % (module, version, tag)
    return Dist(filename, zip_of(members), metadata, requires_python, yanked)


def sdist(name, version, requires=(), extras=None, requires_python=None, metadata_version="2.2", dynamic=(),
          files=None, yanked=False):
    """With Metadata-Version 2.2 and nothing dynamic, its PKG-INFO can be relied upon (PEP 643)."""
    module = name.replace("-", "_")
    top = "%s-%s" % (module, version)
    members = {
        "PKG-INFO": core_metadata(name, version, requires, extras, requires_python, metadata_version, dynamic),
        "pyproject.toml": b'[build-system]\nrequires = []\nbuild-backend = "nothing"\n',
    }
    members.update(files or {})
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as zipped, \
            tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path, data in members.items():
            entry = tarfile.TarInfo(top + "/" + path)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return Dist(top + ".tar.gz", out.getvalue(), None, requires_python, yanked)


def record(members, own):
    rows = []
    for path, data in members.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        rows.append("%s,sha256=%s,%d" % (path, digest, len(data)))
    return ("\n".join(rows + [own + ",,"]) + "\n").encode()


def zip_of(members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in members.items():
            entry = zipfile.ZipInfo(path, DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, data)
    return out.getvalue()


def noise(seed, size):
    """Bytes that look random and are the same every time."""
    blocks = (hashlib.sha256(("%s %d" % (seed, i)).encode()).digest() for i in range(size // 32 + 1))
    return b"".join(blocks)[:size]
