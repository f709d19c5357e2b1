"""Files on their way between a station and the addresses that a central system names: logs up, firmware down."""

from __future__ import annotations

import httpx

_TIMEOUT_S = 30.0
_MOST_BYTES = 64 * 1024 * 1024


async def upload(url: str, file_name: str, content: bytes) -> str:
    """PUT a file; an address that ends in a slash is a folder. Returns the 2.x upload status."""
    if not _is_http(url):
        return "NotSupportedOperation"
    target = f"{url}{file_name}" if url.endswith("/") else url
    try:
        async with _client() as client:
            response = await client.put(target, content=content)
    except (httpx.HTTPError, httpx.InvalidURL):
        return "UploadFailure"
    if response.status_code in (401, 403):
        return "PermissionDenied"
    return "Uploaded" if response.is_success else "UploadFailure"


async def download(url: str) -> bytes | None:
    """GET a file; None if that does not work."""
    if not _is_http(url):
        return None
    content = bytearray()
    try:
        async with _client() as client, client.stream("GET", url) as response:
            if not response.is_success:
                return None
            async for chunk in response.aiter_bytes():
                content += chunk
                if len(content) > _MOST_BYTES:
                    return None
    except (httpx.HTTPError, httpx.InvalidURL):
        return None
    return bytes(content)


def _is_http(url: str) -> bool:
    return url.lower().startswith(("http://", "https://"))


def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=_TIMEOUT_S, trust_env=False)
