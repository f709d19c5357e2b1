"""One connected station: its requests answered once each, ours asked one at a time, everything recorded."""

from __future__ import annotations

import logging
import time

from console.csms.error_codes import Meaning, code_for
from console.csms.link.framing import (
    SENT,
    Error,
    Frame,
    Malformed,
    Result,
    ResultError,
    Send,
    encode_error,
    encode_result,
    encode_result_error,
    parse,
)
from console.csms.link.our_calls import OurCall, OurCalls
from console.csms.link.proof import Proof
from console.csms.link.recorder import Recorder
from console.csms.link.repeats import ONCE_ONLY, Memory, TheirCall
from console.csms.link.socket import Socket
from console.csms.ports import Call, CallEnd, CallError, CallLost, CallResult, Clock, Payload, Peer, Reception, Refusal
from console.model.change import Notice, Noticed, NoticeKind
from console.model.message import Direction, MessageType

_LOG = logging.getLogger(__name__)

#: So many requests of a station may wait for their answers, and so many of them under one id; so often may each come.
_MOST_UNANSWERED, _MOST_OF_ONE_ID = 1000, 8

# Looked up once: members of enumerations are slow to come by, and each frame needs a few.
_FROM_STATION = Direction.FROM_STATION
_TO_STATION = Direction.TO_STATION
_CALL = MessageType.CALL
_CALLRESULT = MessageType.CALLRESULT
_CALLERROR = MessageType.CALLERROR


class Link:
    """Implements `console.csms.ports.Session` over a socket."""

    __slots__ = (
        "_answering",
        "_assumed",
        "_clock",
        "_early",
        "_memory",
        "_our_calls",
        "_peer",
        "_recorder",
        "_socket",
        "_unanswered",
        "address",
        "certificate_name",
        "local_address",
        "new_password",
        "ocpp_version",
        "security_profile",
        "station_id",
    )

    def __init__(
        self,
        socket: Socket,
        peer: Peer,
        recorder: Recorder,
        clock: Clock,
        memory: Memory,
        *,
        station_id: str,
        ocpp_version: str,
        address: str,
        proof: Proof,
        local_address: str = "",
        assumed: bool = False,
    ) -> None:
        self.station_id = station_id
        self.ocpp_version = ocpp_version
        self.address = address
        self.local_address = local_address
        self.security_profile = proof.security_profile
        self.certificate_name = proof.certificate_name
        self.new_password = proof.new_password
        self._assumed = assumed  # the station named no subprotocol
        self._socket: Socket | None = socket
        self._peer = peer
        self._recorder = recorder
        self._clock = clock
        self._memory = memory
        self._our_calls: OurCalls | None = None  # most links never ask anything
        self._unanswered: dict[str, list[TheirCall]] = {}
        self._answering = ""  # the id of the request that the peer is looking at now
        self._early: Payload | Refusal | None = None

    # ---- what the CSMS does

    def answer(self, message_id: str, reply: Payload | Refusal) -> None:
        """Send the answer to a call that was received earlier. Does nothing if the connection is gone."""
        unanswered = self._unanswered.get(message_id)
        if unanswered is not None:
            self._settle(unanswered[0], reply)
        elif message_id == self._answering:
            self._early = reply

    async def call(self, action: str, payload: Payload, timeout_s: float) -> CallEnd:
        """Send a request when no other is outstanding, and wait for its end (`timeout_s` after now)."""
        if self._socket is None or not self._socket.is_open:
            return CallLost(True, 0.0)
        if self._our_calls is None:
            self._our_calls = OurCalls(self._clock, self._send_request)
        return await self._our_calls.call(self.station_id, action, payload, timeout_s)

    def close(self, code: int, reason: str) -> None:
        """Close the connection with a WebSocket close code."""
        if self._socket is not None:
            self._socket.close(code, reason)

    def tune(self, pings: bool, silence_s: float) -> None:
        """Say how its life is told: whether it is pinged, and how long one that answers no pings may be silent."""
        self._memory.is_pinged = pings
        self._memory.silence_s = silence_s

    def speak(self, ocpp_version: str) -> bool:
        """Speak another version from now on; False where one was agreed on."""
        if not self._assumed:
            return False
        self.ocpp_version = ocpp_version
        return True

    # ---- what the socket does

    def received(self, text: str) -> None:
        """Handle one message of the station."""
        frame, problem = parse(text, self.ocpp_version)
        if type(frame) is Call:
            self._on_call(frame, text, problem)
        elif type(frame) is Result:
            self._on_result(frame, text, problem)
        elif type(frame) is Error:
            self._on_error(frame, text, problem)
        else:
            self._on_other(frame, text, problem)

    def ended(self, code: int, reason: str, *, replaced: bool = False) -> None:
        """The connection is gone, or as good as. Only the first word on that counts."""
        if self._socket is None:
            return
        self._socket = None
        if self._our_calls is not None:
            self._our_calls.abandon()
            self._our_calls = None
        for requests in self._unanswered.values():
            for request in requests:
                request.waiting = [link for link in request.waiting if link is not self]
        self._recorder.event(self.station_id, "closed", {"code": code, "reason": reason})
        if not replaced:
            try:
                self._peer.closed(self, code, reason)
            except Exception:  # noqa: BLE001  logged; the other connections go on
                _LOG.exception("%s: the end of the connection was not taken in", self.station_id)

    def answer_overdue(self, older_than_s: float) -> None:
        """Answer what nobody answered in time with InternalError: every request gets one answer."""
        before_s = time.monotonic() - older_than_s
        overdue = [r for requests in self._unanswered.values() for r in requests if r.received_s < before_s]
        for request in overdue:
            self._alarm(f"{request.action} was not answered within {older_than_s:.0f} s")
            self._settle(request, self._internal_error())

    # ---- the station asks

    def _on_call(self, call: Call, text: str, problem: str) -> None:
        message_id, action = call.message_id, call.action
        once_only = action in ONCE_ONLY
        if (once_only or self._unanswered) and self._is_repeated(message_id, text):
            return
        if self._unanswered and not self._has_room(message_id):
            self._turn_away(message_id, action, text)
            return
        started_s = time.monotonic()
        reception = self._ask_peer(call)
        reply = reception.reply if self._early is None else self._early
        self._early = None
        self._recorder.frame(
            self.station_id, self.ocpp_version, _FROM_STATION, _CALL, message_id, action, text, None,
            reception.problem or problem,
        )  # fmt: skip
        if reply is not None and not once_only:
            self._send_answer(message_id, action, self._encode_reply(message_id, reply), time.monotonic() - started_s)
            return
        request = TheirCall(message_id, action, hash(text), started_s)
        request.waiting.append(self)
        if once_only:
            self._memory.keep(request)
        if reply is not None:
            self._settle(request, reply)
        else:
            self._unanswered.setdefault(message_id, []).append(request)

    def _ask_peer(self, call: Call) -> Reception:
        self._answering = call.message_id
        try:
            return self._peer.received(self, call)
        except Exception as error:  # noqa: BLE001  logged, shown, and answered all the same
            _LOG.exception("%s: %s could not be handled", self.station_id, call.action)
            self._alarm(f"{call.action} could not be handled ({type(error).__name__}); the log has more")
            return Reception(self._internal_error(), "answered with an error of our own")
        finally:
            self._answering = ""

    def _has_room(self, message_id: str) -> bool:
        unanswered = self._unanswered
        return len(unanswered) < _MOST_UNANSWERED and len(unanswered.get(message_id, ())) < _MOST_OF_ONE_ID

    def _turn_away(self, message_id: str, action: str, text: str) -> None:
        what = "too many requests are waiting for their answers already"
        self._record_received(_CALL, message_id, action, text, what)
        refusal = Refusal(code_for(self.ocpp_version, Meaning.GENERIC_ERROR), what)
        self._send_answer(message_id, action, self._encode_reply(message_id, refusal), 0.0)

    def _is_repeated(self, message_id: str, text: str) -> bool:
        """Whether this is a request that came before; then it gets the same answer, now or when it is ready."""
        content = hash(text)
        waiting = self._unanswered.get(message_id, ())
        request = self._memory.find(message_id, content)
        if waiting:
            request = next((request for request in waiting if request.content == content), request)
        if request is None:
            return False
        if len(request.waiting) >= _MOST_OF_ONE_ID:
            self._turn_away(message_id, request.action, text)
            return True
        self._record_received(_CALL, message_id, request.action, text, "a repeated request")
        if request.answer is not None:
            self._send_answer(message_id, request.action, request.answer, 0.0)
            return True
        request.waiting.append(self)
        if request not in waiting:
            self._unanswered.setdefault(message_id, []).append(request)
        return True

    def _settle(self, request: TheirCall, reply: Payload | Refusal) -> None:
        """Give everybody who waits for it the answer to a request, once for each time it was asked."""
        data = self._encode_reply(request.message_id, reply)
        if isinstance(reply, Refusal):
            self._memory.forget(request)
        else:
            request.answer = data
        waiting, request.waiting = request.waiting, []
        latency_s = time.monotonic() - request.received_s
        self._strike_off(request)
        for link in waiting:
            if link is not self:
                link._strike_off(request)
            link._send_answer(request.message_id, request.action, data, latency_s)

    def _strike_off(self, request: TheirCall) -> None:
        unanswered = self._unanswered.get(request.message_id)
        if unanswered is None or request not in unanswered:
            return
        if len(unanswered) == 1:
            del self._unanswered[request.message_id]
        else:
            unanswered.remove(request)

    def _encode_reply(self, message_id: str, reply: Payload | Refusal) -> bytes:
        if isinstance(reply, Refusal):
            return encode_error(message_id, reply.code, reply.description)
        try:
            return encode_result(message_id, reply)
        except (TypeError, ValueError, RecursionError):
            _LOG.exception("%s: an answer is no JSON", self.station_id)
            self._alarm("an answer could not be written; the log has more")
            error = self._internal_error()
            return encode_error(message_id, error.code, error.description)

    def _send_answer(self, message_id: str, action: str, data: bytes, latency_s: float) -> None:
        if self._socket is None:
            return
        self._socket.send(data)
        kind = _CALLERROR if data.startswith(b"[4") else _CALLRESULT
        self._recorder.frame(
            self.station_id, self.ocpp_version, _TO_STATION, kind, message_id, action, data.decode(), latency_s, ""
        )

    # ---- the station answers

    def _on_result(self, result: Result, text: str, problem: str) -> None:
        request = self._take_our_call(result.message_id)
        if request is None:
            self._record_orphan(_CALLRESULT, result.message_id, text)
            return
        latency_s = time.monotonic() - request.sent_s
        fault = None
        try:
            fault = self._peer.answered(self, request.action, result.payload)
        except Exception as error:  # noqa: BLE001  logged, shown, and answered all the same
            _LOG.exception("%s: the answer to %s could not be handled", self.station_id, request.action)
            self._alarm(f"the answer to {request.action} could not be handled ({type(error).__name__})")
            problem = "an error of our own in checking it"
        self._record_answer(_CALLRESULT, request, text, latency_s, fault.description if fault else problem)
        if fault is not None:
            self._complain(request, fault)
        self._finish(request, CallResult(result.payload, request.elapsed_s))

    def _complain(self, request: OurCall, fault: Refusal) -> None:
        """Tell the station that its answer is bad, where its version has words for that (CALLRESULTERROR)."""
        if self.ocpp_version != "2.1" or self._socket is None:
            return
        data = encode_result_error(request.message_id, fault.code, fault.description)
        self._socket.send(data)
        self._recorder.frame(
            self.station_id, self.ocpp_version, _TO_STATION, MessageType.CALLRESULTERROR, request.message_id,
            request.action, data.decode(), None, "",
        )  # fmt: skip

    def _on_error(self, error: Error, text: str, problem: str) -> None:
        request = self._take_our_call(error.message_id)
        if request is None:
            self._record_orphan(_CALLERROR, error.message_id, text)
            return
        self._record_answer(_CALLERROR, request, text, time.monotonic() - request.sent_s, problem)
        self._finish(request, CallError(error.code, error.description, error.details, request.elapsed_s))

    def _take_our_call(self, message_id: str) -> OurCall | None:
        return self._our_calls.answered(message_id) if self._our_calls is not None else None

    def _finish(self, request: OurCall, end: CallEnd) -> None:
        if self._our_calls is not None:
            self._our_calls.finish(request, end)

    def _record_orphan(self, kind: MessageType, message_id: str, text: str) -> None:
        """Record an answer that nobody waits for; it has no effect."""
        action = self._our_calls.late(message_id) if self._our_calls is not None else None
        problem = "too late: we had stopped waiting" if action else "answers no request of ours"
        self._record_received(kind, message_id, action or "", text, problem)

    def _on_other(self, frame: Frame, text: str, problem: str) -> None:
        if isinstance(frame, Malformed):
            self._on_malformed(frame, text)
        elif isinstance(frame, Send):
            self._on_send(frame, text, problem)
        elif isinstance(frame, ResultError):
            complaint = f"the station could not read our answer: {frame.code} {frame.description}".rstrip()
            self._record_received(MessageType.CALLRESULTERROR, frame.message_id, "", text, complaint)

    def _on_send(self, frame: Send, text: str, problem: str) -> None:
        """A SEND is never answered, whatever is wrong with it."""
        if frame.action in SENT:
            problem = self._ask_peer(Call(frame.message_id, frame.action, frame.payload)).problem or problem
            self._early = None
        else:
            problem = problem or "OCPP sends no such action without an answer: not taken"
        self._record_received(MessageType.SEND, frame.message_id, frame.action, text, problem)

    def _on_malformed(self, frame: Malformed, text: str) -> None:
        request = self._take_our_call(frame.message_id) if frame.answers else None
        action = request.action if request is not None else ""
        self._record_received(MessageType.MALFORMED, frame.message_id, action, text, frame.reason)
        if request is not None:
            code = code_for(self.ocpp_version, Meaning.FORMAT_VIOLATION)
            described = f"The station's answer cannot be read: {frame.reason}."
            self._complain(request, Refusal(code, frame.reason))
            self._finish(request, CallError(code, described, {}, request.elapsed_s))
        if frame.answer_with is not None:
            code = code_for(self.ocpp_version, frame.answer_with)
            self._send_answer(frame.message_id, "", encode_error(frame.message_id, code, frame.reason), 0.0)

    # ---- our requests, and the record

    def _send_request(self, request: OurCall) -> None:
        if self._socket is None:
            return
        self._socket.send(request.data)
        text = request.data.decode()
        self._recorder.frame(
            self.station_id, self.ocpp_version, _TO_STATION, _CALL, request.message_id, request.action, text, None, ""
        )

    def _internal_error(self) -> Refusal:
        return Refusal(code_for(self.ocpp_version, Meaning.INTERNAL_ERROR), "An error inside the CSMS.")

    def _alarm(self, what: str) -> None:
        at = self._clock.now()
        self._recorder.note(Noticed(Notice(at, f"{self.station_id}: {what}", NoticeKind.BAD, self.station_id)))

    def _record_received(self, kind: MessageType, message_id: str, action: str, text: str, problem: str) -> None:
        self._recorder.frame(
            self.station_id, self.ocpp_version, _FROM_STATION, kind, message_id, action, text, None, problem
        )

    def _record_answer(self, kind: MessageType, request: OurCall, text: str, latency_s: float, problem: str) -> None:
        self._recorder.frame(
            self.station_id, self.ocpp_version, _FROM_STATION, kind, request.message_id, request.action, text,
            latency_s, problem,
        )  # fmt: skip
