/** A client's body, whatever it is, is a request for every upstream or an {@link InvalidRequest} that names the field. */

import { readRequest } from '../../../src/gateway/read-request.ts';
import { upstreamBody } from '../../../src/gateway/upstream/request.ts';
import { InvalidRequest } from '../../../src/protocols/invalid-request.ts';
import { type Protocol, protocols } from '../../../src/protocols/model.ts';
import { mutated } from '../hostile.ts';
import { objectOf } from '../oracle.ts';
import { target } from '../target.ts';
import { recorded } from './recorded.ts';

export const requestTargets = protocols.map((protocol) =>
  target(
    `requests of ${protocol}`,
    mutated(recorded(protocol).requests).map((body) => JSON.stringify(body)),
    (text) => translate(protocol, text),
  ),
);

function translate(protocol: Protocol, text: string): void {
  const body = new TextEncoder().encode(text);
  for (const stream of [false, true]) {
    const request = {
      ...{ protocol, operation: 'generate' as const, model: 'model', modelSpan: undefined },
      ...{ stream, body },
    };
    const read = readRequest(request);
    for (const upstream of protocols) {
      try {
        const written = upstreamBody(request, read, { protocol: upstream, model: 'model', stream });
        if (typeof written.body === 'string') objectOf(written.body);
      } catch (error) {
        if (!(error instanceof InvalidRequest)) throw error;
        if (error.message === '') throw new Error('a refusal without words');
      }
    }
  }
}
