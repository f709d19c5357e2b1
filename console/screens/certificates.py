"""One station's certificates: what is installed, until when it is good, and what waits to be signed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import msgspec
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from console.backends.base import RecordQuery
from console.model.certificate import CertificateHash, mended_pem
from console.model.change import RecordGone, RecordKept
from console.model.record import RecordKind, StationRecord
from console.model.spec import Place, Spec, Target
from console.screens import keys, saving, words
from console.screens.frame import Go, SiteScreen
from console.screens.record_rows import mark, style
from console.screens.session import News, Session
from widgets.columns import Column
from widgets.live_table import LiveTable
from widgets.row_line import Cell

COLUMNS = (
    Column("mark", "", 1),
    Column("kind", "", 9),
    Column("use", "FOR", 19),
    Column("until", "GOOD UNTIL", 10),
    Column("what", "WHOSE", 26, flex=True),
)
_KINDS = (RecordKind.CERTIFICATE_REQUEST, RecordKind.CERTIFICATE)


def certificate_cells(record: StationRecord) -> dict[str, Cell]:
    """The cells of a certificate, or of a request for one."""
    request = record.kind is RecordKind.CERTIFICATE_REQUEST
    said, shown = record.details, style(record)
    use = str(said.get("certificateType") or record.key).removesuffix("Certificate")
    subject = str(said.get("subject") or f"{record.key}, not installed from here")
    return {
        "mark": (mark(record), shown or "busy"),
        "kind": (("request" if request else "own" if record.key.startswith("own ") else "installed"), shown),
        "use": (use, shown or "strong"),
        "until": (str(said.get("notAfter", ""))[:10] or words.NOTHING, shown),
        "what": (record.summary.partition(":")[0] if request else subject, shown),
    }


class CertificatesScreen(SiteScreen):
    """The list: requests first, then certificates."""

    PLACE = Place.CERTIFICATES
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings(Place.CERTIFICATES)

    def __init__(self, session: Session, station_id: str) -> None:
        super().__init__(session)
        self.station_id = station_id
        self.table = self._table = LiveTable(COLUMNS, self._cells, empty_text="Looking…")
        self._held: dict[str, StationRecord] = {}
        self.commands = {
            "view.open": lambda _given: self._open(self._table.cursor_key),
            "view.save": lambda _given: saving.start(self.app, self._save),
        }

    def body(self) -> ComposeResult:
        """The table."""
        yield self._table

    def trail(self) -> Sequence[str]:
        """Below the station."""
        return (self.station_id, "certificates")

    # -- what is held

    def site_changed(self, news: News) -> None:
        """Put in what is new; after a break, ask anew."""
        if news.whole:
            self.load(self._fetch, "certificates")
            return
        fresh = [each for each in news.changes if isinstance(each, RecordKept | RecordGone)]
        for change in fresh:
            if isinstance(change, RecordKept) and self._is_mine(change.record):
                self._held[change.record.id] = change.record
            else:
                self._held.pop(change.key[1], None)
        if fresh:
            self._show_rows()

    def _is_mine(self, record: StationRecord) -> bool:
        return record.station_id == self.station_id and record.kind in _KINDS

    async def _fetch(self) -> None:
        found: list[StationRecord] = []
        for kind in _KINDS:
            found += await self.session.backend.records(RecordQuery(station_id=self.station_id, kind=kind))
        self._held = {each.id: each for each in found}
        self._show_rows()

    def _show_rows(self) -> None:
        held = sorted(self._held.values(), key=lambda each: (_KINDS.index(each.kind), not each.standing, each.key))
        self._held = {each.id: each for each in held}
        self._table.empty_text = "Nothing is known of its certificates.\nr asks which it has, a installs one."
        self._table.set_rows(tuple(self._held))
        self._table.touch(self._table.visible_keys)

    def _cells(self, key: str) -> dict[str, Cell]:
        record = self._held.get(key)
        return certificate_cells(record) if record else {}

    @property
    def _selected(self) -> StationRecord | None:
        return self._held.get(self._table.cursor_key or "")

    # -- commands

    def target(self) -> Target:
        """The station, and what the cursor is on: a request by its key, a certificate by the station's own hashes."""
        record = self._selected
        if record is None:
            return Target(station_id=self.station_id)
        reported = record.details.get("certificateHashData")
        named = msgspec.convert(reported, CertificateHash) if isinstance(reported, dict) else None
        return Target(station_id=self.station_id, record_key=record.key, certificate=named)

    def refusal(self, spec: Spec, target: Target) -> str | None:
        """Requests are signed, certificates are deleted."""
        record = self._selected
        waits = record is not None and record.kind is RecordKind.CERTIFICATE_REQUEST and record.standing
        if spec.id == "certificate.sign" and not waits:
            return "select a request that waits to be signed"
        if spec.id == "certificate.delete" and (record is None or record.kind is not RecordKind.CERTIFICATE):
            return "select a certificate"
        if spec.id == "view.save" and record is None:
            return "nothing is selected"
        return super().refusal(spec, target)

    def _open(self, key: str | None) -> None:
        if key and key in self._held:
            self.session.record = self._held[key]
            self.post_message(Go(Place.REPORTS, key))

    @on(LiveTable.RowSelected)
    def _row_selected(self, event: LiveTable.RowSelected) -> None:
        self._open(event.row_key)

    @on(LiveTable.RowHighlighted)
    def _row_highlighted(self) -> None:
        self.update_frame()

    async def _save(self) -> None:
        """Write the request, or the certificate, to a file: for an authority elsewhere."""
        record = self._selected
        pem = mended_pem(str(record.details.get("csr") or record.details.get("pem") or "")) if record else ""
        if not record or not pem:
            self.session.say("the station reported nothing of it but hashes", "warn")
            return
        request = record.kind is RecordKind.CERTIFICATE_REQUEST
        safe = "".join(each if each.isalnum() else "_" for each in self.station_id)
        name = f"{safe}.{'csr' if request else 'pem'}"
        help = "Bring the signed chain back with s" if request else "A certificate in PEM"
        path = await saving.ask_path(self.app, f"Save the {record.kind.words}", name, help)
        if path is not None:
            await saving.write(self.session, path, saving.given(1, [pem]), "file")
