/** A gateway over the sandbox, which speaks every upstream protocol: both are there until the tests of the file are over. */
import { afterAll } from 'bun:test';
import { startSandbox } from '../sandbox/start.ts';
import { everyUpstream, modelOver, startTested } from './gateway-harness.ts';

/** Each protocol's upstream serves its model of {@link modelOver}. */
export async function overSandbox() {
  const sandbox = startSandbox({ pace: 0 });
  const gateway = await startTested(
    everyUpstream(sandbox.url, (protocol) => [{ name: 'sandbox', alias: modelOver[protocol] }]),
  );
  afterAll(async () => {
    await gateway[Symbol.asyncDispose]();
    await sandbox.stop();
  });
  return { sandbox, gateway };
}
