/** A network between a replica and an engine that can be bad in every way: cut, slow, or silent. */
import { connect, createServer, type Socket } from 'node:net';

export interface TcpProxy extends AsyncDisposable {
  port: number;
  /** The URL of the engine, by way of this proxy. */
  through(url: string): string;
  /** Breaks every connection and each new one, as a host that is gone. */
  cut(): void;
  /** Connections stay and are accepted; bytes wait until `restore`, as behind a lost route. */
  hold(): void;
  /** The same one way alone: what goes to the engine arrives and its answers do not, or the other way round. */
  holdOneWay(which: 'sent' | 'answers'): void;
  /** Every chunk of bytes arrives this many milliseconds later, in order, both ways. */
  delay(milliseconds: number): void;
  /** All is well again; what was held arrives. */
  restore(): void;
  /** Connections that are open now. */
  connections(): number;
}

type Way = 'sent' | 'answers';
type Network =
  | { state: 'well' }
  | { state: 'cut' }
  | { state: 'held'; way?: Way }
  | { state: 'slow'; by: number };

export interface TcpProxyOptions {
  /** Called for each chunk that a client sends: it goes on when that is called. */
  onSent?: (goOn: () => void) => void;
}

export async function startTcpProxy(
  target: { port: number },
  { onSent = (goOn) => goOn() }: TcpProxyOptions = {},
): Promise<TcpProxy> {
  let network: Network = { state: 'well' };
  const open = new Set<Socket>();
  let held: (() => void)[] = [];

  function carry(from: Socket, to: Socket, way: Way, each: (goOn: () => void) => void): void {
    // Everything of a direction goes the same way, its end too, so that nothing overtakes.
    const later = (deliver: () => void) => {
      if (network.state === 'held' && (network.way ?? way) === way) held.push(deliver);
      else if (network.state === 'slow') setTimeout(deliver, network.by);
      else deliver();
    };
    from.on('data', (bytes) => each(() => later(() => void (to.writable && to.write(bytes)))));
    from.on('end', () => later(() => to.end()));
    from.on('error', () => {});
    from.on('close', () => {
      open.delete(from);
      later(() => to.destroy());
    });
  }

  const server = createServer({ allowHalfOpen: true }, (client) => {
    if (network.state === 'cut') {
      client.on('error', () => {});
      client.resetAndDestroy();
      return;
    }
    const upstream = connect({ host: '127.0.0.1', port: target.port, allowHalfOpen: true });
    for (const socket of [client, upstream]) {
      socket.setNoDelay(true);
      open.add(socket);
    }
    carry(client, upstream, 'sent', onSent);
    carry(upstream, client, 'answers', (goOn) => goOn());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  const { port } = address;

  const breakAll = () => {
    held = [];
    for (const socket of open) socket.resetAndDestroy();
  };
  return {
    port,
    through: (url) => url.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${port}`),
    cut() {
      network = { state: 'cut' };
      breakAll();
    },
    hold() {
      network = { state: 'held' };
    },
    holdOneWay(way) {
      network = { state: 'held', way };
    },
    delay(milliseconds) {
      network = { state: 'slow', by: milliseconds };
    },
    restore() {
      network = { state: 'well' };
      const waiting = held;
      held = [];
      for (const deliver of waiting) deliver();
    },
    connections: () => open.size / 2,
    async [Symbol.asyncDispose]() {
      breakAll();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
