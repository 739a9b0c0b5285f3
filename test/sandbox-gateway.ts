/** A gateway over the sandbox, which speaks every upstream protocol: both are there until the tests of the file are over. */
import { afterAll } from 'bun:test';
import { type Sandbox, startSandbox } from '../sandbox/start.ts';
import type { JsonObject } from '../src/protocols/json.ts';
import { everyUpstream, modelOver, startTested, type TestedGateway } from './gateway-harness.ts';

/** A sandbox that answers without a delay. */
export function sandboxOfTests(): Sandbox {
  const sandbox = startSandbox({ pace: 0 });
  afterAll(() => sandbox.stop());
  return sandbox;
}

/** Settings with a credential of each protocol at the sandbox, which serves this model of it as that of {@link modelOver}. */
export function sandboxModels(url: string, name = 'sandbox'): JsonObject {
  return everyUpstream(url, (protocol) => [{ name, alias: modelOver[protocol] }]);
}

/** `settings`: of the gateway, from the address of the sandbox. */
export async function overSandbox(
  settings: (url: string) => JsonObject = sandboxModels,
): Promise<{ sandbox: Sandbox; gateway: TestedGateway }> {
  const sandbox = startSandbox({ pace: 0 });
  const gateway = await startTested(settings(sandbox.url));
  afterAll(async () => {
    await gateway[Symbol.asyncDispose]();
    await sandbox.stop();
  });
  return { sandbox, gateway };
}
