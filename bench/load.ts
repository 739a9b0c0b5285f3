/**
 * The load generator: `load.ts '<LoadPlan as JSON>'`. Prints a LoadResult as JSON.
 * A plan that holds opens its streams, prints `held` once each has brought bytes, and ends with its standard input.
 */
import { type MessageReader, messageReader } from './http-messages.ts';

export interface LoadPlan {
  port: number;
  path: string;
  headers: Record<string, string>;
  /** The body; or the size and kind would have to be computed twice. */
  bodyFile: string;
  connections: number;
  /** Requests in all; ignored when holding. */
  requests: number;
  /** What a complete answer holds. */
  mark: string;
  hold: boolean;
}

export interface LoadResult {
  requestsPerSecond: number;
  /** Microseconds from the request's first byte to the answer's last. */
  p50: number;
  p99: number;
  /** Answers that were not 200 or not complete. */
  wrong: number;
}

interface Connection {
  reader: MessageReader;
  unsent: Buffer;
  sentAt: number;
  status: string;
  marked: boolean;
  carry: Buffer;
  bytes: number;
}

const plan: LoadPlan = JSON.parse(process.argv[2] ?? '{}');
const body = Buffer.from(await Bun.file(plan.bodyFile).arrayBuffer());
const head = Object.entries({
  host: `127.0.0.1:${plan.port}`,
  'content-type': 'application/json',
  ...plan.headers,
  'content-length': String(body.length),
}).map(([name, value]) => `${name}: ${value}\r\n`);
const request = Buffer.concat([
  Buffer.from(`POST ${plan.path} HTTP/1.1\r\n${head.join('')}\r\n`, 'latin1'),
  body,
]);

const latencies: number[] = [];
let started = 0;
let open = plan.connections;
let wrong = 0;
let firstWrong: string | undefined;
let holding = 0;
const done = Promise.withResolvers<void>();

function send(socket: Bun.Socket<Connection>): void {
  if (!plan.hold && started >= plan.requests) {
    socket.end();
    open -= 1;
    if (open === 0) done.resolve();
    return;
  }
  started += 1;
  const { data } = socket;
  data.marked = false;
  data.carry = Buffer.alloc(0);
  data.bytes = 0;
  data.sentAt = performance.now();
  data.unsent = request;
  flush(socket);
}

function flush(socket: Bun.Socket<Connection>): void {
  const { unsent } = socket.data;
  if (unsent.length === 0) return;
  socket.data.unsent = unsent.subarray(Math.max(0, socket.write(unsent)));
}

function check(connection: Connection): void {
  if (connection.status === '200' && connection.marked) return;
  wrong += 1;
  firstWrong ??= `status ${connection.status}, ${connection.bytes} bytes: ${connection.carry.toString('latin1')}`;
}

const startedAt = performance.now();
for (let index = 0; index < plan.connections; index++) {
  await Bun.connect<Connection>({
    hostname: '127.0.0.1',
    port: plan.port,
    socket: {
      open(socket) {
        socket.setNoDelay(true);
        const reader = messageReader({
          head(text) {
            socket.data.status = text.slice(9, 12);
          },
          body(bytes) {
            const { data } = socket;
            if (plan.hold && data.bytes === 0) {
              holding += 1;
              if (holding === plan.connections) console.log('held');
            }
            data.bytes += bytes.length;
            if (data.marked) return;
            // The mark may be cut by the end of a read.
            const text = data.carry.length === 0 ? bytes : Buffer.concat([data.carry, bytes]);
            data.marked = text.includes(plan.mark);
            data.carry = Buffer.from(text.subarray(-200));
          },
          end() {
            latencies.push((performance.now() - socket.data.sentAt) * 1000);
            check(socket.data);
            send(socket);
          },
        });
        socket.data = {
          reader,
          unsent: request,
          sentAt: 0,
          status: '',
          marked: false,
          carry: Buffer.alloc(0),
          bytes: 0,
        };
        send(socket);
      },
      drain: flush,
      data(socket, bytes) {
        socket.data.reader.push(bytes);
      },
      close() {
        if (open > 0 && started < plan.requests && !plan.hold) {
          console.error('the connection was closed in the middle of the run');
          process.exit(1);
        }
      },
    },
  });
}

if (plan.hold) {
  for await (const _ of Bun.stdin.stream()) {
    // Nothing is said on it: its end is the signal.
  }
} else {
  await done.promise;
  const seconds = (performance.now() - startedAt) / 1000;
  latencies.sort((a, b) => a - b);
  if (firstWrong !== undefined) console.error(`${wrong} wrong answers, the first: ${firstWrong}`);
  const at = (share: number): number => Math.round(latencies[Math.floor(latencies.length * share)] ?? 0);
  const result: LoadResult = {
    requestsPerSecond: Math.round(latencies.length / seconds),
    p50: at(0.5),
    p99: at(0.99),
    wrong,
  };
  console.log(JSON.stringify(result));
}
process.exit(0);
