/** A whole answer of an upstream, whatever it is, is an answer or an error for clients of every protocol. */

import { streamOfWhole } from '../../../src/gateway/translate-whole.ts';
import { atOnce } from '../../../src/ground/steps.ts';
import { isProtocolError } from '../../../src/protocols/codec.ts';
import { isObject, type Json } from '../../../src/protocols/json.ts';
import { type Protocol, protocols } from '../../../src/protocols/model.ts';
import { codecs } from '../../../src/protocols/registry.ts';
import { mendedJson } from '../../../src/protocols/well-formed.ts';
import { answeredRequest } from '../../model-arbitraries.ts';
import { mutated } from '../hostile.ts';
import { dataOf, objectOf } from '../oracle.ts';
import { target } from '../target.ts';
import { encodeContext } from './client.ts';
import { recorded } from './recorded.ts';

export const answerTargets = protocols.map((protocol) =>
  target(
    `answers of ${protocol}`,
    mutated(recorded(protocol).answers).map((body) => JSON.stringify(body)),
    (text) => {
      const value: Json = JSON.parse(text);
      if (isObject(value)) read(protocol, value);
      decodedError(protocol, text);
    },
  ),
);

function read(protocol: Protocol, body: Exclude<Json, Json[]> & object): void {
  const result = codecs[protocol].decodeResponse(body, { request: answeredRequest });
  for (const client of protocols) {
    if (isProtocolError(result)) objectOf(mendedJson(JSON.stringify(codecs[client].encodeError(result))));
    else {
      objectOf(mendedJson(JSON.stringify(codecs[client].encodeResponse(result, encodeContext))));
      for (const data of dataOf(atOnce(streamOfWhole(codecs[client], result, encodeContext))))
        if (data !== '[DONE]') objectOf(data);
    }
  }
}

function decodedError(protocol: Protocol, text: string): void {
  const error = codecs[protocol].decodeError(500, text);
  for (const client of protocols) objectOf(mendedJson(JSON.stringify(codecs[client].encodeError(error))));
}
