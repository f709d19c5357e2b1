"""The statuses of answers that are about firmware, logs, certificates and the network."""

from __future__ import annotations

from console.csms.explain.words import Statuses, Table, Words

_UPDATE: Statuses = {
    "Accepted": Words("update accepted: the station tells how it goes"),
    "Rejected": Words(
        "the station refused the update", "It may be busy, or not install firmware on request: look at its state."
    ),
    "AcceptedCanceled": Words("update accepted; the one before it is cancelled"),
    "InvalidCertificate": Words(
        "the station does not trust the firmware's certificate",
        "Sign with the manufacturer's certificate, or install its root (ManufacturerRootCertificate) first.",
    ),
    "RevokedCertificate": Words(
        "the certificate that signed the firmware is revoked", "Get firmware from the manufacturer that is signed anew."
    ),
}

SECURITY: Table = {
    "UpdateFirmware": _UPDATE,
    "SignedUpdateFirmware": _UPDATE,
    "PublishFirmware": {
        "Accepted": Words("the firmware will be published: the station tells how it goes"),
        "Rejected": Words("the station does not publish firmware", "Only local controllers do, with room to store it."),
    },
    "UnpublishFirmware": {
        "Unpublished": Words("the firmware is published no longer"),
        "DownloadOngoing": Words("a station is downloading this firmware", "Wait until it has it, then try again."),
        "NoFirmware": Words("no firmware of this checksum is published", "Mind the checksum: it is the file's MD5."),
    },
    "GetLog": {
        "Accepted": Words("the station will upload the log"),
        "AcceptedCanceled": Words("the station will upload the log; the upload before it is cancelled"),
        "Rejected": Words(
            "the station does not upload this log", "It may keep no log of this kind, or is uploading one already."
        ),
    },
    "CertificateSigned": {
        "Accepted": Words("the station took its new certificate"),
        "Rejected": Words(
            "the station refused the certificate",
            "It may not fit its key or name, or not lead to a root that it trusts: let it ask for one again.",
        ),
    },
    "InstallCertificate": {
        "Accepted": Words("the certificate is installed"),
        "Rejected": Words(
            "the station refused the certificate", "It may be no valid root of this kind, expired, or of a weak key."
        ),
        "Failed": Words(
            "the certificate is valid but could not be stored",
            "The station may have no room: delete another one first.",
        ),
    },
    "DeleteCertificate": {
        "Accepted": Words("the certificate is deleted"),
        "Failed": Words("the certificate could not be deleted", "It may be the one in use: install another one first."),
        "NotFound": Words("the station has no such certificate", "Ask which it has: hash and serial must be its own."),
    },
    "GetInstalledCertificateIds": {
        "Accepted": Words("the station told its certificates"),
        "NotFound": Words("the station has no certificate of this kind"),
    },
    "SetNetworkProfile": {
        "Accepted": Words("the network profile is stored"),
        "Rejected": Words(
            "the station refused the network profile", "It may be in use, or of a lower security than now."
        ),
        "Failed": Words("the network profile could not be stored", "Try another slot: the station names those it has."),
    },
}
