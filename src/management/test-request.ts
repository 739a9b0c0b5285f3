/** One small request, to see whether a credential or a model answers. */

import { z } from 'zod';
import type { Candidate, ListedModel } from '../credentials/catalog.ts';
import type { Credential } from '../credentials/credential.ts';
import type { Answer, ClientRequest } from '../gateway/answer.ts';
import { scanEnvelope } from '../gateway/body-scan.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { Clock } from '../ground/clock.ts';
import { isForConversation, isQuick } from '../models/conversation.ts';
import { channelOf } from './known-credentials.ts';
import type { ManagementAnswer, TestedRequest } from './own-answers.ts';
import { json, refuse } from './reply.ts';
import { type Route, route } from './route.ts';

export interface TestRequestDeps {
  gateway: Pick<Gateway, 'handle' | 'credentials' | 'catalog'>;
  newRequestId: () => string;
  clock: Pick<Clock, 'monotonic'>;
}

/** Milliseconds for an answer of one word: thinking models take their time. */
const longestTest = 120_000;
/** Characters of an answer that are shown. */
const longestShown = 2000;
/** Credentials that one name may mean. */
const mostTests = 20;

const body = { messages: [{ role: 'user', content: 'Answer with the one word: ready' }] };

export function testRequestRoutes(deps: TestRequestDeps): Route[] {
  const { gateway, newRequestId, clock } = deps;

  async function tested(
    model: string,
    only: Credential | undefined,
    gone: AbortSignal,
  ): Promise<TestedRequest> {
    const started = clock.monotonic();
    const bytes = new TextEncoder().encode(JSON.stringify({ model, ...body }));
    let served: Candidate | undefined;
    const request: ClientRequest = {
      id: newRequestId(),
      protocol: 'openai-chat',
      operation: 'generate',
      model,
      stream: false,
      body: bytes,
      modelSpan: scanEnvelope(bytes)?.modelSpan,
      query: '',
      headers: new Headers({ 'content-type': 'application/json' }),
      signal: AbortSignal.any([gone, AbortSignal.timeout(longestTest)]),
      receivedAt: started,
      ...(only !== undefined && { mayUse: ({ credential }) => credential.id === only.id }),
      settled: ({ candidate }) => {
        served = candidate;
      },
    };
    const answer = await gateway.handle(request);
    const text = (await textOf(answer)).slice(0, longestShown);
    return {
      ok: answer.status < 400,
      credential: only?.label ?? served?.credential.label ?? null,
      model,
      status: answer.status,
      milliseconds: Math.round(clock.monotonic() - started),
      id: request.id,
      answer: text,
    };
  }

  return [
    route({
      method: 'POST',
      v0: 'test-request',
      answers: 'tests',
      refuses: { 404: ['no_credential', 'not_found'], 409: ['no_model'] },
      sentence:
        'Sends one small request and reports the result: for `name`, a credential (its id, its label, its account, or the provider for all of its credentials) or a model, with `model` for a model of that credential. It costs a few tokens.',
      query: z.object({ name: z.string().optional(), model: z.string().optional() }),
      async run({ query: { name, model }, request: { signal } }) {
        const models = gateway.catalog().models();
        const isModel = models.some(({ id }) => id === name);
        const meant = name === undefined || isModel ? [] : credentialsNamed(name, gateway.credentials());
        if (meant.length === 0) {
          const wanted = name ?? model ?? modelFor(models, undefined);
          if (wanted === undefined)
            return refuse(404, 'There is no credential, so no model either.', { code: 'no_credential' });
          if (gateway.catalog().route(wanted) === undefined)
            return refuse(404, `There is no credential and no model "${wanted}".`, { code: 'not_found' });
          return json({ tests: [await tested(wanted, undefined, signal)] } satisfies ManagementAnswer);
        }
        const tests: TestedRequest[] = [];
        for (const credential of meant.slice(0, mostTests)) {
          const wanted = model ?? modelFor(models, credential);
          if (wanted === undefined)
            return refuse(409, `No model is known that ${credential.label} serves: name one.`, {
              code: 'no_model',
            });
          tests.push(await tested(wanted, credential, signal));
        }
        return json({ tests } satisfies ManagementAnswer);
      },
    }),
  ];
}

/** The credential of this name, or all of the provider with this name. */
function credentialsNamed(name: string, credentials: readonly Credential[]): Credential[] {
  const own = credentials.filter(({ id, label, account }) =>
    [id, label, account, label.slice(label.indexOf('/') + 1)].includes(name),
  );
  if (own.length > 0) return own;
  return credentials.filter(({ provider, givenName }) =>
    [givenName, provider.name, channelOf(provider.name, givenName)].includes(name),
  );
}

/** A model that the credential serves, for conversations and cheap if there is one. */
function modelFor(models: readonly ListedModel[], credential: Credential | undefined): string | undefined {
  const served = models
    .filter(
      ({ by, candidates }) =>
        by === undefined &&
        (credential === undefined || candidates.some((one) => one.credential.id === credential.id)),
    )
    .map(({ id }) => id);
  // Numbers in names are compared as numbers: the newest comes first, an old one may be withdrawn.
  const able = served
    .filter(isForConversation)
    .sort((one, other) => other.localeCompare(one, 'en', { numeric: true }));
  return able.find(isQuick) ?? able[0] ?? served[0];
}

async function textOf({ body: text }: Answer): Promise<string> {
  if (typeof text === 'string') return text;
  if (text instanceof ReadableStream) return (await new Response(text).text()).trim();
  return new TextDecoder().decode(text);
}
