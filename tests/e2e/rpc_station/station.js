// A station on ocpp-rpc in strict mode, driven by JSON lines on standard input:
//   {"do": "call", "action": "...", "payload": {...}}   send a request, print its answer
//   {"do": "close"}                                     close the connection and end
// It prints {"event": "open" | "called" | "answer" | "error" | "invalid" | "closed", ...}, one object a line.
const readline = require('readline');
const { RPCClient, createRPCError } = require('ocpp-rpc');

const [endpoint, identity, password] = process.argv.slice(2);
const say = (object) => process.stdout.write(JSON.stringify(object) + '\n');

const client = new RPCClient({ endpoint, identity, password, protocols: ['ocpp1.6'], strictMode: true, reconnect: false });

const answers = {
    RemoteStartTransaction: { status: 'Accepted' },
    RemoteStopTransaction: { status: 'Accepted' },
    Reset: { status: 'Rejected' },
    UnlockConnector: { status: 'NotSupported' },
    ChangeAvailability: { status: 'Scheduled' },
    ChangeConfiguration: { status: 'RebootRequired' },
    ClearCache: { status: 'Accepted' },
    TriggerMessage: { status: 'NotImplemented' },
    DataTransfer: { status: 'UnknownVendorId' },
    GetConfiguration: { configurationKey: [{ key: 'HeartbeatInterval', readonly: false, value: '300' }], unknownKey: [] },
};
client.handle(({ method, params }) => {
    say({ event: 'called', action: method, payload: params });
    if (!(method in answers)) throw createRPCError('NotImplemented');
    return answers[method];
});
client.on('strictValidationFailure', ({ error }) => say({ event: 'invalid', text: String(error) }));
client.on('badMessage', ({ error }) => say({ event: 'invalid', text: String(error) }));
client.on('close', ({ code }) => { say({ event: 'closed', code }); process.exit(0); });

client.connect().then(() => say({ event: 'open', protocol: client.protocol })).catch((error) => {
    say({ event: 'refused', code: error.code ?? null, text: String(error) });
    process.exit(1);
});

readline.createInterface({ input: process.stdin }).on('line', async (line) => {
    const order = JSON.parse(line);
    if (order.do === 'close') return client.close();
    try {
        say({ event: 'answer', action: order.action, payload: await client.call(order.action, order.payload) });
    } catch (error) {
        say({ event: 'error', action: order.action, code: error.rpcErrorCode ?? null, text: String(error) });
    }
}).on('close', () => client.close());
