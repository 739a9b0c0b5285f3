/** The authorization endpoint: judges the request, asks a person, and sends the browser back (RFC 6749 §4.1). */
import type { AccountCall } from './account-deps.ts';
import { secret } from './ledger.ts';
import { consentForm, escaped, page } from './page.ts';
import { type Person, personCalled } from './people.ts';
import { type AccountService, services } from './services.ts';

/** Milliseconds that a code waits for its exchange; RFC 6749 §4.1.2 recommends at most ten minutes. */
const codeLifetime = 600_000;

/** Answers GET with the page and POST with its decision; `sandbox_person` in the query decides without a page. */
export async function authorize(call: AccountCall): Promise<Response> {
  const { url, request, name } = call;
  const service = services[name];
  const query = url.searchParams;
  const redirectUri = query.get(name === 'iflow' ? 'redirect' : 'redirect_uri');
  const stranger = strangerProblem(service, query.get('client_id'), redirectUri);
  // RFC 6749 §4.1.2.1: nobody is sent to an address that is not the client's.
  if (stranger !== undefined || redirectUri === null)
    return page(`${service.title}: this sign-in cannot go on`, `<p>${escaped(stranger ?? '')}</p>`, 400);
  const problem = requestProblem(service, query);
  if (problem !== undefined) return back(redirectUri, query, problem);
  const decision = await decisionOf(request, query);
  if (decision === undefined)
    return page(
      `Sign in to ${service.title}`,
      consentForm(
        `This is the sandbox. A program on this computer asks to use ${escaped(service.title)} as:`,
      ),
    );
  if (decision.answer === 'deny')
    return back(redirectUri, query, { error: 'access_denied', error_description: 'The person said no.' });
  return back(redirectUri, query, { code: newCode(call, decision.person, redirectUri) });
}

function strangerProblem(
  service: AccountService,
  clientId: string | null,
  redirectUri: string | null,
): string | undefined {
  if (clientId !== service.client.id) return `The client_id '${clientId ?? ''}' is not known here.`;
  if (redirectUri === null) return 'The redirect address is missing.';
  const address = URL.parse(redirectUri);
  const loopback = ['localhost', '127.0.0.1', '[::1]'].includes(address?.hostname ?? '');
  return address?.protocol === 'http:' &&
    loopback &&
    address.pathname === service.redirectPath &&
    !address.hash
    ? undefined
    : `The redirect address '${redirectUri}' is not one of this client: it is http, on localhost or 127.0.0.1, at ${service.redirectPath}.`;
}

interface OAuthProblem {
  error: string;
  error_description: string;
}

function requestProblem(service: AccountService, query: URLSearchParams): OAuthProblem | undefined {
  const invalid = (text: string): OAuthProblem => ({ error: 'invalid_request', error_description: text });
  const repeated = [...query.keys()].find((key) => query.getAll(key).length > 1);
  if (repeated !== undefined) return invalid(`The parameter ${repeated} stands there twice.`);
  if (service.name === 'iflow') {
    if (query.get('loginMethod') !== 'phone' || query.get('type') !== 'phone')
      return invalid('loginMethod and type must be phone.');
    return undefined;
  }
  if (query.get('response_type') !== 'code')
    return { error: 'unsupported_response_type', error_description: 'response_type must be code.' };
  if (service.name === 'claude' && query.get('code') !== 'true') return invalid('code must be true.');
  if (service.name === 'claude' && !query.get('state')) return invalid('state is missing.');
  const scopes = (query.get('scope') ?? '').split(' ').filter((scope) => scope !== '');
  const unknown = scopes.find((scope) => !service.scopes.includes(scope));
  if (scopes.length === 0 || unknown !== undefined)
    return {
      error: 'invalid_scope',
      error_description: unknown === undefined ? 'scope is missing.' : `There is no scope ${unknown}.`,
    };
  return challengeProblem(service.pkce.code, query.get('code_challenge'), query.get('code_challenge_method'));
}

/** What is wrong with a PKCE challenge (RFC 7636 §4.3); also for devices. */
export function challengeProblem(
  demanded: boolean,
  challenge: string | null,
  method: string | null,
): OAuthProblem | undefined {
  const invalid = (text: string): OAuthProblem => ({ error: 'invalid_request', error_description: text });
  if (challenge === null) return demanded ? invalid('code_challenge is missing.') : undefined;
  if (method !== 'S256') return invalid('code_challenge_method must be S256.');
  return /^[A-Za-z0-9_-]{43}$/.test(challenge)
    ? undefined
    : invalid('code_challenge must be 43 characters of base64url.');
}

type Decision = { answer: 'deny' } | { answer: 'allow'; person: Person };

/** The person who is named in the query, or chosen in the form; undefined before they are. */
export async function decisionOf(request: Request, query: URLSearchParams): Promise<Decision | undefined> {
  if (request.method === 'POST') {
    const form = new URLSearchParams(await request.text());
    return decided(form.get('person'), form.get('answer'));
  }
  const named = query.get('sandbox_person') ?? request.headers.get('x-sandbox-person');
  return decided(named, query.get('sandbox_answer') ?? 'allow');
}

/** What a form or a query says; undefined where it names nobody whom the sandbox knows. */
export function decided(name: string | null, answer: string | null): Decision | undefined {
  if (answer === 'deny') return { answer };
  const person = name === null ? undefined : personCalled(name);
  return person === undefined ? undefined : { answer: 'allow', person };
}

function newCode({ deps, name, url }: AccountCall, person: Person, redirectUri: string): string {
  const service = services[name];
  const query = url.searchParams;
  const code = secret('', 32);
  const scopes = (query.get('scope') ?? '').split(' ').filter((scope) => scope !== '');
  deps.ledger.codes.set(code, {
    provider: name,
    person,
    redirectUri,
    challenge: query.get('code_challenge') ?? undefined,
    state: query.get('state') ?? undefined,
    scopes,
    offline: asksOffline(service, scopes, query),
    expiresAt: deps.ledger.now() + codeLifetime,
    spentFor: undefined,
  });
  return code;
}

/** Whether a refresh token was asked for in the provider's way. */
export function asksOffline(
  { offline }: AccountService,
  scopes: readonly string[],
  query?: URLSearchParams,
): boolean {
  if (offline === undefined) return true;
  return 'scope' in offline
    ? scopes.includes(offline.scope)
    : query?.get(offline.parameter) === offline.value;
}

/** Sends the browser back, with the state as it came. */
function back(
  redirectUri: string,
  query: URLSearchParams,
  parameters: { code: string } | OAuthProblem,
): Response {
  const target = new URL(redirectUri);
  for (const [key, value] of Object.entries(parameters)) target.searchParams.set(key, value);
  const state = query.get('state');
  if (state !== null) target.searchParams.set('state', state);
  // 303: whatever method the page was left with, the client's listener sees a GET.
  return new Response(null, { status: 303, headers: { location: target.href, 'cache-control': 'no-store' } });
}
