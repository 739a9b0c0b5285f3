/** Connections straight to a server. */
import { unnamed } from './certificate-names.ts';
import { notConnected, type Route, type WireEvents } from './wire.ts';

type Socket = Bun.Socket<undefined>;
type Handler = Bun.SocketHandler<undefined>;

/** Opens a wire to the server itself; the result ends it while it is not open. */
export function straightWire({ address, at, tls }: Route, events: WireEvents): () => void {
  const { hostname, port, secure } = address;
  let socket: Socket | undefined;
  let unwanted = false;
  Bun.connect({
    hostname: at ?? hostname,
    port,
    ...(secure && { tls: { ...tls, serverName: hostname } }),
    socket: {
      ...handlers(hostname, events),
      open(opened) {
        socket = opened;
        if (unwanted) return void opened.terminate();
        opened.setNoDelay(true);
        if (!secure) events.opened(opened);
      },
    },
  }).catch((error: Error) => events.failed(notConnected(error)));
  return () => {
    unwanted = true;
    socket?.terminate();
  };
}

/** What an open connection reports, and one whose TLS is being agreed on. */
export function handlers(hostname: string, events: WireEvents): Handler {
  return {
    // A part of a Buffer costs ten times as much as a part of other bytes.
    binaryType: 'uint8array',
    handshake(socket, trusted, error) {
      const doubt = trusted
        ? unnamed(hostname, socket.getPeerCertificate())
        : (error ?? new Error('the certificate of the server is not valid for it'));
      if (doubt === undefined) events.opened(socket);
      else events.failed(doubt);
    },
    data: (_, bytes) => events.data(bytes),
    drain: () => events.drained(),
    close: (_, error) => events.closed(error),
    error: (_, error) => events.failed(error),
  };
}
