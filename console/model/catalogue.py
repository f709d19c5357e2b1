"""The one list of commands: keys, footer, help, palette, ``:`` line, confirmation and read-only derive from it."""

from __future__ import annotations

from console.model.needs import (
    needs_2x,
    needs_card,
    needs_certificate,
    needs_display,
    needs_evse,
    needs_file,
    needs_free_evse,
    needs_limits,
    needs_message,
    needs_monitor,
    needs_not_rejected,
    needs_online,
    needs_online_display,
    needs_online_tariffs,
    needs_priority,
    needs_report,
    needs_reservation,
    needs_running,
    needs_setting,
    needs_station,
    needs_tariff,
    needs_tariff_running,
    needs_tariffs,
    needs_token,
    needs_undecided,
)
from console.model.spec import Danger, Place, Spec

_S, _D, _K, _C = Place.STATIONS, Place.STATION, Place.SETTINGS, Place.SCHEDULE
_B = Place.LOCAL_LISTS
_BOTH = (_S, _D)
_CERT = (Place.CERTIFICATES,)
_SHOWN = (Place.DISPLAY,)
_PRICED = (Place.TARIFFS,)
_LOGS = (Place.LOGS,)
_SAVING = (Place.MESSAGES, Place.TRANSACTIONS, Place.TRANSACTION, Place.CERTIFICATES, Place.LOGS, Place.LOG)
_OPENING = (
    Place.TRANSACTIONS,
    Place.MESSAGES,
    Place.ACTIONS,
    Place.REPORTS,
    Place.CERTIFICATES,
    Place.LOGS,
    Place.DISPLAY,
    Place.TARIFFS,
)
_COPYING = (Place.MESSAGES, Place.TRANSACTION, Place.REPORTS)
_READ, _SOFT, _HARD = Danger.READ, Danger.REVERSIBLE, Danger.DISRUPTIVE

# fmt: off
CATALOGUE: tuple[Spec, ...] = (
    # --- what waits for a person ---
    Spec("station.accept", "a", "accept", "Let this station in", _BOTH, _SOFT, needs_undecided),
    Spec("station.reject", "x", "reject", "Turn this station away", _BOTH, _HARD, needs_not_rejected),
    Spec(
        "card.once", "y", "let charge", "Let the waiting card charge this once", (Place.EVERYWHERE,), _SOFT, needs_card
    ),
    Spec(
        "card.always",
        "Y",
        "let charge always",
        "Let the waiting card charge, and keep it as a tag",
        (Place.EVERYWHERE,),
        _SOFT,
        needs_card,
    ),
    Spec("card.refuse", "n", "refuse", "Refuse the waiting card", (Place.EVERYWHERE,), _SOFT, needs_card),
    # --- charging ---
    Spec("transaction.start", "s", "start", "Start charging with a tag", _BOTH, _SOFT, needs_free_evse),
    Spec(
        "transaction.stop",
        "t",
        "stop",
        "Stop the running transaction",
        (*_BOTH, Place.TRANSACTIONS, Place.TRANSACTION),
        _SOFT,
        needs_running,
    ),
    Spec(
        "transaction.limit",
        "z",
        "limit",
        "Let the transaction end at an energy, a time or a cost (2.1)",
        (_D, Place.TRANSACTION),
        _SOFT,
        needs_limits,
    ),
    # --- the station ---
    Spec("station.reset", "R", "reset", "Restart the station", _BOTH, _HARD, needs_online),
    Spec("connector.unlock", "u", "unlock", "Release the cable of this connector", (_D,), _HARD, needs_evse),
    Spec("station.availability", "v", "availability", "Take out of service, or back", (_D,), _HARD, needs_online),
    Spec("station.trigger", "g", "trigger", "Ask the station for a message now", (_D,), _SOFT, needs_online),
    Spec("station.clear_cache", "K", "clear cache", "Empty the station's memory of tags", (_D,), _SOFT, needs_online),
    Spec("station.data_transfer", "D", "data transfer", "Send a vendor's own message", (_D,), _SOFT, needs_online),
    Spec("station.call", "C", "call", "Send any OCPP request: choose it, fill it in", (_D,), _HARD, needs_online),
    Spec("station.disconnect", "X", "disconnect", "Close the station's connection", (_D,), _HARD, needs_online),
    Spec("station.tolerance", "T", "tolerance", "Take more or less of what breaks OCPP", (_D,), _SOFT, needs_station),
    Spec("station.add", "A", "add", "Admit a station before it connects", (_S,), _SOFT),
    Spec("station.remove", "delete", "remove", "Forget this station", (_S,), _HARD, needs_station),
    # --- what a station is set to ---
    Spec("settings.read", "r", "read settings", "Read the station's settings again", (_K,), _SOFT, needs_online),
    Spec("settings.change", "e", "edit setting", "Change the selected setting", (_K,), _HARD, needs_setting),
    Spec("settings.undo", "u", "undo", "Take back the last change made here", (_K,), _HARD, needs_online),
    Spec("settings.snapshot", "s", "snapshot", "Put the settings by as they are known", (_K,), _SOFT, needs_station),
    Spec("settings.apply", "A", "apply", "Write what differs to this station", (_K,), _HARD, needs_online),
    Spec("monitor.set", "a", "watch", "Watch the selected variable (2.x)", (_K,), _SOFT, needs_setting),
    Spec("monitor.clear", "delete", "clear monitor", "Take the selected monitor away", (_K,), _HARD, needs_monitor),
    Spec("monitor.read", "M", "read monitors", "Read the station's monitors (2.x)", (_K,), _SOFT, needs_online),
    Spec("monitor.base", "b", "monitor base", "Go back to a set of monitors (2.x)", (_K,), _HARD, needs_online),
    Spec("monitor.level", "L", "monitor level", "Hear of events up to a severity (2.x)", (_K,), _SOFT, needs_online),
    # --- schedules ---
    Spec("view.schedule", "P", "schedules", "Charging schedules: installed, drawn, edited, sent", (_D,)),
    Spec("schedule.set", "s", "send", "Check this schedule, and send it to the station", (_C,), _SOFT, needs_online),
    Spec("schedule.form", "f", "kind", "When it counts, for what, stack level, validity", (_C,)),
    Spec("schedule.template", "T", "template", "Begin with a template", (_C,)),
    Spec("schedule.cheapest", "h", "cheap", "The cheapest hours by the prices there are", (_C,)),
    Spec("schedule.reading", "i", "reading", "Read what OCPP leaves open in the next way", (_C,)),
    Spec("schedule.save", "S", "save", "Save as a template of your own", (_C,)),
    Spec("schedule.composite", "g", "ask", "Ask which limits it will obey", (_C,), _SOFT, needs_online),
    Spec("schedule.read", "r", "read profiles", "Ask which profiles it has (OCPP 2.x)", (_C,), _SOFT, needs_2x),
    Spec("schedule.clear", "delete", "clear", "Remove the selected profile", (_C,), _SOFT, needs_online),
    Spec("schedule.update", "U", "update", "Give a dynamic profile another limit", (), _SOFT, needs_online),
    Spec("schedule.priority", "V", "priority", "Charge with priority, or not (2.1)", (_C,), _SOFT, needs_priority),
    # --- reservations and stations' own lists of tags ---
    Spec("reservation.make", "N", "reserve", "Keep a connector free for a tag", (_D,), _SOFT, needs_online),
    Spec("reservation.cancel", "Z", "cancel reservation", "Let a reservation go", (_D,), _SOFT, needs_reservation),
    Spec("local_list.send", "b", "local list", "Bring its list of tags up to date", (_D, _B), _SOFT, needs_online),
    Spec("local_list.full", "B", "full list", "Send its whole list of tags again", (_B,), _SOFT, needs_online),
    Spec("local_list.status", "r", "list version", "Ask which list of tags it has", (_B,), _SOFT, needs_online),
    # --- reports ---
    Spec("report.dismiss", "delete", "dismiss", "It needs no attention now", (Place.REPORTS,), _SOFT, needs_report),
    # --- logs and firmware ---
    Spec("view.logs", "L", "logs", "Fetch the station's logs, and read those that came", (_D,)),
    Spec("log.fetch", "f", "fetch", "Have the station send a log", _LOGS, _SOFT, needs_online),
    Spec("log.remove", "delete", "delete", "Delete the log that the cursor is on", _LOGS, _HARD, needs_file),
    Spec("firmware.update", "F", "firmware", "Have the station install firmware", (_D,), _HARD, needs_online),
    # --- certificates ---
    Spec("certificate.read", "r", "read", "Ask which certificates the station has", _CERT, _SOFT, needs_online),
    Spec("certificate.install", "a", "install", "Install a root certificate there", _CERT, _SOFT, needs_online),
    Spec("certificate.delete", "delete", "delete", "Remove it from the station", _CERT, _HARD, needs_certificate),
    Spec("certificate.sign", "s", "sign", "Give the station the certificate it asked for", _CERT, _SOFT, needs_online),
    Spec("certificate.renew", "R", "renew", "Let the station ask for a new certificate", _CERT, _SOFT, needs_online),
    # --- what is on the display ---
    Spec("display.read", "r", "read", "Ask which messages the station shows", _SHOWN, _SOFT, needs_online_display),
    Spec("display.show", "a", "show", "Show a message on the station's display", _SHOWN, _SOFT, needs_online_display),
    Spec("display.clear", "delete", "clear", "Take the message off the display", _SHOWN, _SOFT, needs_message),
    # --- what it charges by ---
    Spec("tariff.read", "r", "read", "Ask which tariffs the station has", _PRICED, _SOFT, needs_online_tariffs),
    Spec("tariff.set", "a", "set", "Let the station charge by a tariff", _PRICED, _SOFT, needs_online_tariffs),
    Spec("tariff.clear", "delete", "clear", "Take the tariff away", _PRICED, _SOFT, needs_tariff),
    Spec("tariff.clear_all", "C", "clear all", "Take all its tariffs away", _PRICED, _HARD, needs_online_tariffs),
    Spec(
        "tariff.change",
        "p",
        "tariff",
        "Let a running transaction go on by another tariff (2.1)",
        (Place.TARIFFS, Place.TRANSACTION),
        _SOFT,
        needs_tariff_running,
    ),
    Spec("rollout.start", "s", "send to many", "Send this template to many stations", (Place.SCHEDULES,), _SOFT),
    Spec("rollout.give_up", "x", "give up", "Try no more where it was not done yet", (Place.SCHEDULES,), _SOFT),
    # --- tags ---
    Spec("token.add", "a", "add", "Add a tag", (Place.TOKENS,), _SOFT),
    Spec("token.edit", "e", "edit", "Change group, expiry and label", (Place.TOKENS,), _SOFT, needs_token),
    Spec("token.block", "b", "block", "Block this tag, or unblock it", (Place.TOKENS,), _SOFT, needs_token),
    Spec("token.expire", "E", "expire", "Let this tag expire now", (Place.TOKENS,), _SOFT, needs_token),
    Spec("token.remove", "delete", "remove", "Forget this tag", (Place.TOKENS,), _HARD, needs_token),
    Spec("token.import", "i", "import", "Read tags from a CSV or JSON file", (Place.TOKENS,), _SOFT),
    Spec("token.learn", "l", "learn", "Make a tag of the next card that is swiped", (*_BOTH, Place.TOKENS), _SOFT),
    # --- looking ---
    Spec("form.send", "ctrl+s", "send", "Send the request", (Place.REQUEST,), _SOFT, needs_online),
    Spec("form.add", "ctrl+n", "add", "One more: an item of a list, an object that is left out", (Place.REQUEST,)),
    Spec("form.remove", "ctrl+r", "remove", "Take away what the cursor is on", (Place.REQUEST,)),
    Spec("form.json", "ctrl+t", "JSON", "Change the request as JSON, or in its form", (Place.REQUEST,)),
    Spec("form.templates", "ctrl+o", "saved", "Templates: load, save, delete; what was sent last", (Place.REQUEST,)),
    Spec("view.open", "enter", "open", "Open what the cursor is on", (_S, *_OPENING)),
    Spec("view.back", "escape", "back", "Clear the filter, then go back", (Place.EVERYWHERE,)),
    Spec(
        "view.filter",
        "slash",
        "filter",
        "Show only what matches",
        (_S, _K, Place.TRANSACTIONS, Place.TOKENS, Place.MESSAGES, Place.REPORTS, Place.LOG),
    ),
    Spec("view.sort", "o", "order", "Sort by the next column", (_S, Place.TRANSACTIONS, Place.TOKENS)),
    Spec("view.reverse", "O", "reverse", "Turn the order around", (_S, Place.TRANSACTIONS, Place.TOKENS)),
    Spec("view.pause", "p", "pause", "Hold the list still", (Place.MESSAGES,)),
    Spec("view.copy", "c", "copy", "Copy to the terminal's clipboard", _COPYING),
    Spec("view.save", "w", "save", "Save to a file", _SAVING),
    Spec("view.quantity", "h", "quantity", "Chart the next quantity", (_D, Place.TRANSACTION)),
    Spec("view.settings", "k", "settings", "Show the station's settings", (_D,)),
    Spec("view.lists", "s", "stations' lists", "Which stations know these tags by themselves", (Place.TOKENS,)),
    Spec("view.fold", "f", "fold", "Fold a component, or unfold it", (_K,)),
    Spec("view.compare", "c", "compare", "Compare with a snapshot or another station", (_K,)),
    Spec("go.stations", "1", "stations", "All stations", (Place.EVERYWHERE,)),
    Spec("go.transactions", "2", "transactions", "Running and past transactions", (Place.EVERYWHERE,)),
    Spec("go.tokens", "3", "tags", "Tags, and who may charge", (Place.EVERYWHERE,)),
    Spec("view.certificates", "c", "certificates", "The station's certificates and requests", (_D,)),
    Spec("view.display", "M", "display", "What the station shows on its display (2.x)", (_D,), _READ, needs_display),
    Spec("view.tariffs", "p", "tariffs", "What the station charges by (2.1)", (_D,), _READ, needs_tariffs),
    Spec("view.reports", "i", "its reports", "Alarms, limits, progress of this station", (_D,)),
    Spec("go.reports", "5", "reports", "Alarms, and what stations report", (Place.EVERYWHERE,)),
    Spec("go.schedules", "4", "schedules", "Templates, and schedules sent to many", (Place.EVERYWHERE,)),
    Spec("go.messages", "m", "messages", "Every frame, and refused connections", (Place.EVERYWHERE,)),
    Spec("playback.toggle", "space", "play", "Play the recording, or hold it", (Place.EVERYWHERE,)),
    Spec("playback.step", "full_stop", "step", "Let the next frame of the recording through", (Place.EVERYWHERE,)),
    Spec("playback.faster", "plus", "faster", "Play the recording faster", (Place.EVERYWHERE,)),
    Spec("playback.slower", "minus", "slower", "Play the recording slower", (Place.EVERYWHERE,)),
    Spec("app.command", "colon", "command", "Type a command", (Place.EVERYWHERE,)),
    Spec("app.help", "question_mark", "help", "What the keys do here", (Place.EVERYWHERE,)),
    Spec("app.detach", "d", "detach", "Leave; the service keeps running", (Place.EVERYWHERE,)),
    Spec("app.quit", "q", "quit", "Leave, and choose whether the service stops", (Place.EVERYWHERE,)),
)

BY_ID: dict[str, Spec] = {spec.id: spec for spec in CATALOGUE}

#: How much each command struct can hurt, for the service, which checks again what the screen has checked.
DANGER: dict[str, Danger] = {spec.id: spec.danger for spec in CATALOGUE} | {
    "card.settle": Danger.REVERSIBLE,
    "token.put": Danger.REVERSIBLE,
    "prices.put": Danger.REVERSIBLE,
    "service.stop": Danger.DISRUPTIVE,
    "certificate.authority": Danger.REVERSIBLE,
    "settings.change_many": Danger.DISRUPTIVE,
    "settings.snapshot_remove": Danger.REVERSIBLE,
}


def specs_at(place: Place) -> tuple[Spec, ...]:
    """The commands of one screen: its own first, then those that work everywhere."""
    own = tuple(spec for spec in CATALOGUE if place in spec.places)
    return own + tuple(spec for spec in CATALOGUE if Place.EVERYWHERE in spec.places)
