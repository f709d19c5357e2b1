"""One station's certificates: what is installed, until when it is good, and what waits to be signed."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec
from textual.binding import BindingType

from console.model.certificate import CertificateHash, mended_pem
from console.model.record import RecordKind, StationRecord
from console.model.spec import Place, Spec, Target
from console.screens.device.record_rows import mark, style
from console.screens.device.station_records import StationRecordsScreen
from console.screens.frame import keys, saving, words
from console.screens.frame.session import Session
from widgets.columns import Column
from widgets.row_line import Cell

COLUMNS = (
    Column("mark", "", 1),
    Column("kind", "", 9),
    Column("use", "FOR", 19),
    Column("until", "GOOD UNTIL", 10),
    Column("what", "WHOSE", 26, flex=True),
)


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


class CertificatesScreen(StationRecordsScreen):
    """The list: requests first, then certificates."""

    PLACE = Place.CERTIFICATES
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings(Place.CERTIFICATES)

    KINDS = (RecordKind.CERTIFICATE_REQUEST, RecordKind.CERTIFICATE)
    WHAT = "certificates"
    EMPTY = "Nothing is known of its certificates.\nr asks which it has, a installs one."

    def __init__(self, session: Session, station_id: str) -> None:
        super().__init__(session, station_id, COLUMNS)
        self.commands = {**self.commands, "view.save": lambda _given: saving.start(self.app, self._save)}

    def order(self, record: StationRecord) -> tuple[Any, ...]:
        """Requests first, those that wait before the others."""
        return (self.KINDS.index(record.kind), not record.standing, record.key)

    def cells(self, record: StationRecord) -> dict[str, Cell]:
        """See ``certificate_cells``."""
        return certificate_cells(record)

    # -- commands

    def target(self) -> Target:
        """The station, and what the cursor is on: a request by its key, a certificate by the station's own hashes."""
        record = self.under_cursor
        if record is None:
            return Target(station_id=self.station_id)
        reported = record.details.get("certificateHashData")
        named = msgspec.convert(reported, CertificateHash) if isinstance(reported, dict) else None
        return Target(station_id=self.station_id, record_key=record.key, certificate=named)

    def refusal(self, spec: Spec, target: Target) -> str | None:
        """Requests are signed, certificates are deleted."""
        record = self.under_cursor
        waits = record is not None and record.kind is RecordKind.CERTIFICATE_REQUEST and record.standing
        if spec.id == "certificate.sign" and not waits:
            return "select a request that waits to be signed"
        if spec.id == "certificate.delete" and (record is None or record.kind is not RecordKind.CERTIFICATE):
            return "select a certificate"
        if spec.id == "view.save" and record is None:
            return "nothing is selected"
        return super().refusal(spec, target)

    async def _save(self) -> None:
        """Write the request, or the certificate, to a file: for an authority elsewhere."""
        record = self.under_cursor
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
