import { expect, test } from 'bun:test';
import { eventually } from '../eventually.ts';
import { everyUpstream, modelOver, startTested } from '../gateway-harness.ts';
import { sandboxOfTests } from '../sandbox-gateway.ts';
import { calls, send } from './calls.ts';

const sandbox = sandboxOfTests();

/** 20 events at 5 ms each: long enough to be told to stop in the middle. */
const settings = (model: string) =>
  everyUpstream(sandbox.url, (protocol) => [{ name: model, alias: modelOver[protocol] }]);
const terminal = /\[DONE\]|response\.completed|message_stop|"finishReason"/;

test('a gateway that is asked to stop lets streams finish, translated or not, and takes no new requests', async () => {
  await using gateway = await startTested(settings('sandbox-fault-slow-5'));
  const answers = await Promise.all(
    calls.flatMap((call) =>
      [call.protocol, calls[0]?.protocol ?? call.protocol].map((over) =>
        send(gateway.url, call, { model: modelOver[over], stream: true, text: 'say 40 words' }),
      ),
    ),
  );
  const stopped = gateway.stop();
  for (const answer of answers) {
    const text = await answer.text();
    expect(text).toContain('word40');
    expect(text).toMatch(terminal);
  }
  await stopped;
  await expect(fetch(`${gateway.url}/healthz`)).rejects.toThrow();
});

test('answers that outlive the grace period are cut off, and their upstreams with them', async () => {
  const before = sandbox.cancelled;
  const gateway = await startTested({ ...settings('sandbox-fault-stall-3'), 'shutdown-grace': '50ms' });
  const answers = await Promise.all(
    calls.map((call) => send(gateway.url, call, { model: modelOver[call.protocol], stream: true })),
  );
  await gateway.stop();
  for (const answer of answers) {
    const rest = await answer.text().catch(() => '');
    expect(rest).not.toMatch(terminal);
  }
  await eventually(() => sandbox.openStreams === 0);
  expect(sandbox.cancelled - before).toBe(answers.length);
});
