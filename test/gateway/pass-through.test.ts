import { afterAll, describe, expect, test } from 'bun:test';
import { type JsonObject, parseJson } from '../../src/protocols/json.ts';
import { asString } from '../../src/protocols/json-members.ts';
import { type Protocol, protocols } from '../../src/protocols/model.ts';
import { codecs } from '../../src/protocols/registry.ts';
import { beginsWithError, type Exchange, exchanges } from '../corpus.ts';
import { oneUpstream, startTested, type TestedGateway } from '../gateway-harness.ts';
import { callOf, post } from './calls.ts';
import { type Asked, startUpstream } from './upstream.ts';

/** Answers with what was recorded of this exchange. */
let recorded: Exchange | undefined;
let asked: Asked | undefined;
const upstream = startUpstream((request) => {
  asked = request;
  const response = recorded?.response;
  if (!response) return new Response('no such recording', { status: 500 });
  return new Response(response.sse ?? JSON.stringify(response.body), {
    status: response.status,
    headers: { 'content-type': response.sse === undefined ? 'application/json' : 'text/event-stream' },
  });
});

const usable = (protocol: Protocol) =>
  exchanges(protocol).filter(
    ({ endpoint, request, response }) =>
      endpoint === 'generate' &&
      request?.body &&
      response &&
      (response.sse !== undefined || response.body !== undefined) &&
      // They are no answers: test/failures has them.
      !beginsWithError(response.sse),
  );
const aliasOf = (model: string) => `alias-of/${model}`;

/** A gateway to this protocol alone: names of models are shared by providers. */
function gatewayTo(protocol: Protocol): Promise<TestedGateway> {
  const names = [...new Set(usable(protocol).map(modelOf))];
  const models = names.flatMap((name) => [{ name }, { name, alias: aliasOf(name) }]);
  return startTested({ 'disable-cooling': true, ...oneUpstream(protocol, upstream.url, models) });
}

afterAll(() => upstream[Symbol.dispose]());

function modelOf({ request }: Exchange): string {
  return asString(request?.body?.model) ?? /models\/([^:]+):/.exec(request?.path ?? '')?.[1] ?? 'model';
}

/** The recorded body with another model, and with spaces and a field that no one knows, as text. */
function bodyText({ protocol, request }: Exchange, model: string): string {
  const body: JsonObject = { ...request?.body, x_unknown: [1.0, { deep: null }] };
  // Cloud resellers name the model in the address instead.
  if (protocol !== 'gemini') body.model = model;
  return JSON.stringify(body, null, 1);
}

function ask(gateway: TestedGateway, exchange: Exchange, model: string): Promise<Response> {
  recorded = exchange;
  asked = undefined;
  const stream = exchange.response?.sse !== undefined;
  return post(gateway.url + callOf(exchange.protocol).path(model, stream), bodyText(exchange, model));
}

describe.each(protocols.map((protocol) => ({ protocol })))('$protocol to itself', ({ protocol }) => {
  test('requests and answers of every recording go through byte for byte', async () => {
    await using gateway = await gatewayTo(protocol);
    for (const exchange of usable(protocol)) {
      const model = modelOf(exchange);
      const response = await ask(gateway, exchange, model);
      const text = await response.text();
      const { status, sse, body } = exchange.response ?? {};
      const sent = new TextDecoder().decode(asked?.body);
      expect([exchange.id, sent]).toEqual([exchange.id, bodyText(exchange, model)]);
      expect({ id: exchange.id, status: response.status }).toEqual({ id: exchange.id, status: status ?? 0 });
      // A recording that was cut off before its terminal event ends with the gateway's error.
      const through = text.replace(
        /\n\n(event: error\n)?data: [^\n]*The upstream broke off before[^\n]*\n\n$/,
        '',
      );
      const told = sse ?? JSON.stringify(body);
      // An error in nobody's shape becomes one in the client's, which has its message. So does a refusal of the credential,
      // which would blame the client's own key (M15); Google says that of a key with 400.
      const blamesKey = [401, 402, 403].includes(response.status) || told.includes('"API_KEY_INVALID"');
      if (response.status >= 400 && (blamesKey || !codecs[protocol].isOwnError(parseJson(told)))) {
        const { message } = codecs[protocol].decodeError(response.status, told);
        const shown = callOf(protocol).errorOf(parseJson(through) ?? null).message;
        expect([exchange.id, shown]).toEqual([
          exchange.id,
          blamesKey ? expect.stringContaining(message.replace(/\.$/, '')) : message,
        ]);
      } else expect([exchange.id, through]).toEqual([exchange.id, told]);
    }
  });

  test('under an alias the model’s name is all that changes', async () => {
    await using gateway = await gatewayTo(protocol);
    for (const exchange of usable(protocol).slice(0, 40)) {
      const model = modelOf(exchange);
      await (await ask(gateway, exchange, aliasOf(model))).arrayBuffer();
      expect([exchange.id, new TextDecoder().decode(asked?.body)]).toEqual([
        exchange.id,
        bodyText(exchange, model),
      ]);
      if (protocol === 'gemini') expect(asked?.path).toContain(`/models/${encodeURIComponent(model)}:`);
    }
  });
});

test('headers of the protocol go through, keys and everything else of the client do not', async () => {
  await using gateway = await gatewayTo('anthropic-messages');
  const [exchange] = usable('anthropic-messages');
  if (exchange === undefined) throw new Error('no recording');
  recorded = exchange;
  const model = modelOf(exchange);
  const response = await post(`${gateway.url}/v1/messages?beta=true&key=x`, bodyText(exchange, model), {
    headers: {
      'anthropic-version': '2023-06-01',
      'anthropic-beta': 'a-beta,b-beta',
      'x-app': 'cli',
      cookie: 'c=d',
    },
  });
  await response.arrayBuffer();
  expect(asked?.path).toStartWith('/v1/messages?beta=true');
  expect(asked?.path).not.toContain('key=');
  expect(asked?.headers.toJSON()).toMatchObject({
    'anthropic-version': '2023-06-01',
    'anthropic-beta': 'a-beta,b-beta',
    'x-api-key': 'upstream-key-claude',
    'content-type': 'application/json',
  });
  for (const name of ['x-app', 'cookie']) expect(asked?.headers.get(name)).toBeNull();
});
