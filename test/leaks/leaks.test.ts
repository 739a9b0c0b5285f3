import { afterAll, beforeAll, expect, test } from 'bun:test';
import { connect, type Socket } from 'node:net';
import { startSandbox } from '../../sandbox/start.ts';
import { asArray } from '../../src/protocols/json-members.ts';
import { protocols } from '../../src/protocols/model.ts';
import { eventually } from '../eventually.ts';
import { type Call, callOf, calls, send } from '../gateway/calls.ts';
import { clientKey, modelOver } from '../gateway-harness.ts';
import { sandboxModels } from '../sandbox-gateway.ts';
import { startEndless } from './endless.ts';
import { type GatewayProcess, startGatewayProcess } from './gateway-process.ts';

const sandbox = startSandbox({ pace: 0, keep: 1 });
const endless = startEndless();
let gateway: GatewayProcess;
beforeAll(async () => {
  const settings = sandboxModels(sandbox.url, 'sandbox-fault-stall-5');
  const another = { name: 'endless', 'base-url': `${endless.url}/v1`, models: [{ name: 'endless' }] };
  gateway = await startGatewayProcess({
    ...settings,
    'openai-compatibility': [...asArray(settings['openai-compatibility']), another],
  });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await sandbox.stop();
  endless[Symbol.dispose]();
});

const megabyte = 1024 * 1024;
const pairs = calls.flatMap((call) => protocols.map((over) => ({ call, over })));

/** Begins streams, reads their first bytes and leaves; `count` of them, a few at a time. */
async function abortStreams(count: number): Promise<void> {
  let begun = 0;
  const worker = async () => {
    while (begun < count) {
      const pair = pairs[begun++ % pairs.length];
      if (pair === undefined) return;
      const leaving = new AbortController();
      const response = await send(gateway.url, pair.call, {
        model: modelOver[pair.over],
        stream: true,
        signal: leaving.signal,
      });
      await response.body?.getReader().read();
      leaving.abort();
    }
  };
  await Promise.all(Array.from({ length: 32 }, worker));
}

test('5,000 aborted streams, same protocol and translated: every upstream is cancelled, memory stays flat', async () => {
  const before = sandbox.cancelled;
  await abortStreams(1500);
  const warm = gateway.memory();
  await abortStreams(5000);
  await eventually(() => sandbox.openStreams === 0);
  expect(sandbox.cancelled - before).toBe(6500);
  expect((gateway.memory() - warm) / megabyte).toBeLessThan(40);
}, 40_000);

/** Asks for a stream and reads nothing of it. */
function stalledReader(call: Call): Promise<Socket> {
  const body = JSON.stringify(call.body('endless', 'Hello', true));
  const { hostname, port } = new URL(gateway.url);
  const head = [
    `POST ${call.path('endless', true)} HTTP/1.1`,
    `Host: ${hostname}`,
    `Authorization: Bearer ${clientKey}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
  ];
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => {
      socket.pause();
      socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

test('50 readers that stall hold back their upstreams instead of filling memory, and take them along when they leave', async () => {
  const before = gateway.memory();
  const sockets = await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      stalledReader(calls[index % calls.length] ?? callOf('openai-chat')),
    ),
  );
  await eventually(() => endless.counts.open === 50);
  // Others are served all the same. Once nothing more is made while they are, every buffer on the way is full.
  for (let made = -1; made !== endless.counts.made; ) {
    made = endless.counts.made;
    await abortStreams(160);
  }
  // What the runtime's HTTP client has read ahead of a reader: a few megabytes each, however long they stall.
  expect((gateway.memory() - before) / 50 / megabyte).toBeLessThan(10);
  for (const socket of sockets) socket.destroy();
  await eventually(() => endless.counts.open === 0);
  expect(endless.counts.cancelled).toBe(50);
  // Memory comes back as the gateway goes on serving; the time limit is what fails otherwise.
  while ((gateway.memory() - before) / megabyte > 80) await abortStreams(160);
}, 40_000);
