import { expect, test } from 'bun:test';
import { protocols } from '../../src/protocols/model.ts';
import { everyUpstream, modelOver } from '../gateway-harness.ts';
import { overSandbox } from '../sandbox-gateway.ts';
import { calls, jsonOf, send } from './calls.ts';

const { gateway } = await overSandbox((url) => ({
  'disable-cooling': true,
  ...everyUpstream(url, (protocol) => [{ name: 'sandbox-fault-429-retry-7', alias: modelOver[protocol] }]),
}));

const rows = calls.flatMap((call) =>
  protocols.flatMap((over) =>
    [false, true].map((stream) => ({ call, over, stream, title: `${call.protocol} over ${over}` })),
  ),
);

test.each(rows)(
  '$title, stream $stream: a wait is passed on as Retry-After',
  async ({ call, over, stream }) => {
    const response = await send(gateway.url, call, { model: modelOver[over], stream });
    // Gemini tells it in the body, the others in the header.
    expect({ status: response.status, wait: response.headers.get('retry-after') }).toEqual({
      status: 429,
      wait: '7',
    });
    expect(call.errorOf(await jsonOf(response)).message).toContain('Please try again in 7s.');
  },
);
