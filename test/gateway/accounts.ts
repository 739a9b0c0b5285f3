/** A gateway with one signed-in account of each kind that a test wants, whose API is a stand-in that the test wrote. */

import type { Renewed, TokenSource } from '../../src/accounts/token-source.ts';
import type { Credential } from '../../src/credentials/credential.ts';
import type { Answer } from '../../src/gateway/answer.ts';
import { scanEnvelope } from '../../src/gateway/body-scan.ts';
import { createGateway, type Gateway } from '../../src/gateway/gateway.ts';
import { createHttpClient } from '../../src/http-client/client.ts';
import type { Json, JsonObject } from '../../src/protocols/json.ts';
import type { Protocol } from '../../src/protocols/model.ts';
import type { Operation } from '../../src/protocols/operation.ts';
import type { AccountFacts } from '../../src/providers/account-provider.ts';
import type { AccountKind } from '../../src/providers/registry.ts';
import { accountProviders } from '../../src/providers/registry.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { fakeClock } from '../fake-clock.ts';
import { configOf } from '../gateway-harness.ts';
import { callOf } from './calls.ts';
import type { Asked } from './upstream.ts';

/** Noon of a day in UTC, for waits that go by the clock. */
export const noon = Date.UTC(2026, 10, 23, 12);

export interface ScriptedSource extends TokenSource {
  /** What was given to `renew`, in order. */
  rejected: (string | undefined)[];
}

/** A token that stays until it is renewed, and what each renewal gives. */
export function scriptedSource(token: string | undefined, renewals: readonly Renewed[] = []): ScriptedSource {
  let current = token;
  const rejected: (string | undefined)[] = [];
  return {
    rejected,
    current: () => current,
    async renew(refused) {
      const renewed = renewals[rejected.length];
      rejected.push(refused);
      if (renewed === undefined) throw new Error('no further renewal was expected');
      if (renewed.ok) current = renewed.token;
      return renewed;
    },
  };
}

export interface TestedAccount {
  kind: AccountKind;
  /** Root of the stand-in; without it the provider's own address counts, and every call is a failure. */
  url?: string;
  facts?: AccountFacts;
  source?: TokenSource;
  label?: string;
  more?: Partial<Credential>;
}

/** The credentials of an account, as `credentialsFromAccounts` makes them. */
export function credentialsOf({ kind, url, facts = {}, source, label, more }: TestedAccount): Credential[] {
  const record = accountProviders[kind];
  return record.apis(facts, { baseUrl: url ?? record.baseUrl }).map((api, index) => ({
    id: `${kind}-${label}-${index}`,
    label: label ?? `${kind}@example.org`,
    provider: api.provider,
    secret: source ?? scriptedSource('token-1'),
    baseUrl: api.baseUrl,
    prefix: undefined,
    models: [],
    aliases: [],
    excludedModels: [],
    headers: {},
    proxyUrl: 'direct',
    priority: 0,
    weight: 1,
    disableCooling: true,
    requestRetry: undefined,
    websockets: false,
    ...more,
  }));
}

/** A gateway with these accounts, in this order. */
export function gatewayWith(accounts: readonly TestedAccount[], settings: JsonObject = {}): Gateway {
  let ids = 0;
  const gateway = createGateway({
    log: createLog({ level: 'silent', format: 'json' }),
    http: createHttpClient(),
    fetch,
    userAgent: 'cli-proxy-api/test',
    clock: fakeClock(noon),
    newId: (prefix) => `${prefix}_${++ids}`,
    proxies: { proxyFor: () => undefined },
  });
  gateway.configure(accounts.flatMap(credentialsOf), configOf(settings));
  return gateway;
}

export interface Question {
  protocol: Protocol;
  model: string;
  stream?: boolean;
  operation?: Operation;
  /** Instead of the protocol's small request. */
  body?: JsonObject;
  headers?: Record<string, string>;
  query?: string;
}

/** Asks as a client of the protocol does. */
export function ask(gateway: Gateway, question: Question): Promise<Answer> {
  const { protocol, model, stream = false, operation = 'generate' } = question;
  const body = new TextEncoder().encode(
    JSON.stringify(question.body ?? callOf(protocol).body(model, 'Hello', stream)),
  );
  return gateway.handle({
    id: 'request',
    protocol,
    operation,
    model,
    stream,
    body,
    modelSpan: protocol === 'gemini' ? undefined : scanEnvelope(body)?.modelSpan,
    query: question.query ?? (protocol === 'gemini' && stream ? 'alt=sse' : ''),
    headers: new Headers(question.headers),
    signal: new AbortController().signal,
    receivedAt: 0,
  });
}

/** The answer's body as text. */
export function textOf(answer: Answer): Promise<string> {
  return new Response(answer.body).text();
}

export async function jsonIn(answer: Answer): Promise<Json> {
  const value: Json = JSON.parse(await textOf(answer));
  return value;
}

/** The JSON that an upstream was asked with. */
export function bodyOf(asked: Asked | undefined): Json {
  const value: Json = JSON.parse(new TextDecoder().decode(asked?.body));
  return value;
}
