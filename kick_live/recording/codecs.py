"""How a recording is packed: not at all, gzip, or zstd."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final, Protocol

from kick_live.errors import MissingExtra
from kick_live.words import how_to_install

__all__ = ["Codec", "Damaged", "codec_by_content", "codec_by_name", "members"]

_CHUNK: Final = 256 * 1024


class Damaged(ValueError):
    """Packed bytes that cannot be unpacked."""


class Packer(Protocol):
    """Packs one member; as zlib's object of that kind."""

    def compress(self, data: bytes, /) -> bytes:
        """Pack some more."""

    def sync(self) -> bytes:
        """All that was packed so far, so that it can be unpacked."""

    def finish(self) -> bytes:
        """The member's end."""


class Codec:
    """Packs and unpacks; this one leaves everything as it is.

    Attributes:
        packed: Whether the bytes are changed at all.
        magic: With which bytes a file begins.
        errors: What unpacking raises for damaged bytes.
    """

    packed = False
    magic = b""
    errors: tuple[type[Exception], ...] = ()

    def packer(self) -> Packer:
        """Begin a member."""
        return _Plain()

    def unpacker(self) -> Any:
        """An object with ``decompress``, ``eof`` and ``unused_data``, for one member."""
        raise NotImplementedError


class _Plain:
    def compress(self, data: bytes, /) -> bytes:
        return data

    def sync(self) -> bytes:
        return b""

    finish = sync


class _GzipPacker:
    def __init__(self) -> None:
        self._object = zlib.compressobj(6, zlib.DEFLATED, 31)
        self.compress = self._object.compress

    def sync(self) -> bytes:
        return self._object.flush(zlib.Z_SYNC_FLUSH)

    def finish(self) -> bytes:
        return self._object.flush(zlib.Z_FINISH)


class _Gzip(Codec):
    packed = True
    magic = b"\x1f\x8b"
    errors = (zlib.error,)

    def packer(self) -> Packer:
        return _GzipPacker()

    def unpacker(self) -> Any:
        return zlib.decompressobj(31)


class _ZstdPacker:
    def __init__(self, module: Any) -> None:
        self._block = module.COMPRESSOBJ_FLUSH_BLOCK
        self._object = module.ZstdCompressor(level=6, write_checksum=True).compressobj()

    def compress(self, data: bytes, /) -> bytes:
        return bytes(self._object.compress(data))

    def sync(self) -> bytes:
        return bytes(self._object.flush(self._block))

    def finish(self) -> bytes:
        return bytes(self._object.flush())


class _Zstd(Codec):
    packed = True
    magic = b"\x28\xb5\x2f\xfd"

    def __init__(self) -> None:
        try:
            import zstandard
        except ModuleNotFoundError as error:
            raise MissingExtra(
                "Recordings packed with zstd need the package zstandard, which is not installed: "
                f"run {how_to_install('recording')}, or use the suffix .gz.",
                extra="recording",
            ) from error
        self._module = zstandard
        self.errors = (zstandard.ZstdError,)

    def packer(self) -> Packer:
        return _ZstdPacker(self._module)

    def unpacker(self) -> Any:
        return self._module.ZstdDecompressor().decompressobj()


def codec_by_name(path: Path) -> Codec:
    """The codec that a file's suffix asks for.

    Raises:
        MissingExtra: It is zstd's, and zstandard is not installed.
    """
    suffix = path.suffix.lower()
    if suffix in (".zst", ".zstd"):
        return _Zstd()
    return _Gzip() if suffix in (".gz", ".gzip") else Codec()


def codec_by_content(beginning: bytes) -> Codec:
    """The codec with which a file was packed, whatever its name.

    Raises:
        MissingExtra: It is zstd's, and zstandard is not installed.
    """
    if beginning.startswith(_Gzip.magic):
        return _Gzip()
    return _Zstd() if beginning.startswith(_Zstd.magic) else Codec()


def members(file: IO[bytes], codec: Codec) -> Iterator[tuple[bytes, int | None]]:
    """Unpack a file of any number of members, the last of which may be torn.

    Yields:
        Unpacked bytes, and, where a member is complete with them, the offset of its end.

    Raises:
        Damaged: What was packed is not what was written.
    """
    unpacker, offset = codec.unpacker(), 0
    inside = False
    while chunk := file.read(_CHUNK):
        offset += len(chunk)
        while chunk:
            if not inside:
                # After a crash some file systems leave zeros behind the last bytes written.
                chunk = chunk.lstrip(b"\0")
                if not chunk:
                    break
            try:
                data = unpacker.decompress(chunk)
            except codec.errors as error:
                raise Damaged(str(error)) from error
            inside = not unpacker.eof
            if inside:
                yield data, None
                break
            chunk = unpacker.unused_data
            yield data, offset - len(chunk)
            unpacker = codec.unpacker()
