/** Sign-in on devices: RFC 8628 for Qwen, Kimi and xAI, and OpenAI's own way for Codex. */
import { randomInt } from 'node:crypto';
import { jsonAnswer } from '../delivery.ts';
import type { AccountCall, AccountDeps } from './account-deps.ts';
import { strike } from './account-faults.ts';
import { asksOffline, challengeProblem, decided } from './authorize.ts';
import { type Fields, jsonFields } from './fields.ts';
import { type Device, fitsChallenge, secret, signIn } from './ledger.ts';
import { consentForm, escaped, page } from './page.ts';
import { services } from './services.ts';
import { accessWriter, type Granted, tokenRefusal } from './token-reply.ts';

export const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';

/** Seconds; OpenAI and Kimi give a quarter of an hour. */
const deviceLifetime = 900;
/** Milliseconds by which a poll may come early: clocks and networks are not exact. */
const earliness = 250;
/** Seconds that each slow_down adds (RFC 8628 §3.5). */
const slowDown = 5;

/** No vowels, no digits that look like letters (RFC 8628 §6.1). */
const letters = 'BCDFGHJKLMNPQRSTVWXZ';

function userCode(): string {
  const four = (): string => Array.from({ length: 4 }, () => letters[randomInt(letters.length)]).join('');
  return `${four()}-${four()}`;
}

/** The device authorization endpoint. */
export async function startDevice(call: AccountCall): Promise<Response> {
  return call.name === 'codex' ? startCodexDevice(call) : startRfcDevice(call);
}

async function startRfcDevice(call: AccountCall): Promise<Response> {
  const { request, name, root, deps } = call;
  const service = services[name];
  const form = new URLSearchParams(await request.text());
  if (!request.headers.get('content-type')?.startsWith('application/x-www-form-urlencoded'))
    return tokenRefusal(name, 400, 'invalid_request', 'The body must be application/x-www-form-urlencoded.');
  if (form.get('client_id') !== service.client.id)
    return tokenRefusal(name, 401, 'invalid_client', 'The OAuth client was not found.');
  const challenge = form.get('code_challenge');
  const problem = challengeProblem(service.pkce.device, challenge, form.get('code_challenge_method'));
  if (problem !== undefined) return tokenRefusal(name, 400, problem.error, problem.error_description);
  const scopes = (form.get('scope') ?? '').split(' ').filter((scope) => scope !== '');
  const unknown = scopes.find((scope) => !service.scopes.includes(scope));
  if (unknown !== undefined || (scopes.length === 0 && service.scopes.length > 0))
    return tokenRefusal(name, 400, 'invalid_scope', `The scope '${unknown ?? ''}' is not known.`);
  const device = newDevice(call, {
    challenge: challenge ?? undefined,
    scopes,
    offline: asksOffline(service, scopes),
  });
  const address = root + service.paths.devicePage;
  return jsonAnswer({
    device_code: device.deviceCode,
    user_code: device.userCode,
    verification_uri: address,
    verification_uri_complete: `${address}?user_code=${device.userCode}`,
    expires_in: Math.ceil((device.expiresAt - deps.ledger.now()) / 1000),
    interval: device.interval,
  });
}

async function startCodexDevice(call: AccountCall): Promise<Response> {
  const { deps, name } = call;
  if (strike(deps.faults, ['device'], name, undefined, ['unavailable']) !== undefined)
    return tokenRefusal(name, 404, 'not_found', 'Device sign-in is not available.');
  const fields = await jsonFields(call.request);
  if (fields.get('client_id') !== services.codex.client.id)
    return tokenRefusal(name, 401, 'invalid_client', 'The OAuth client was not found.');
  const { scopes } = services.codex;
  const {
    deviceCode,
    userCode: code,
    interval,
  } = newDevice(call, { challenge: undefined, scopes, offline: true });
  return jsonAnswer({ device_auth_id: deviceCode, user_code: code, interval: String(interval) });
}

function newDevice(
  { deps, name }: AccountCall,
  asked: Pick<Device, 'challenge' | 'scopes' | 'offline'>,
): Device {
  const { ledger } = deps;
  const device: Device = {
    ...asked,
    provider: name,
    deviceCode: secret(),
    userCode: userCode(),
    interval: ledger.deviceInterval,
    polledAt: undefined,
    expiresAt: ledger.now() + deviceLifetime * 1000,
    decision: { kind: 'waiting' },
    spent: false,
  };
  ledger.devices.set(device.deviceCode, device);
  return device;
}

type Poll = 'pending' | 'slow-down' | 'denied' | 'expired' | 'allowed';

/** What a poll meets; faults come first. */
function polled(device: Device, deps: AccountDeps): Poll {
  const { now } = deps.ledger;
  // OpenAI's poll knows no slow_down.
  const tooSoon =
    device.provider !== 'codex' &&
    device.polledAt !== undefined &&
    now() - device.polledAt < device.interval * 1000 - earliness;
  device.polledAt = now();
  const words = ['pending', 'slow-down', 'denied', 'expired'] as const;
  const fault = strike(deps.faults, ['device'], device.provider, undefined, words)?.fault;
  const asked = words.find((word) => word === fault);
  if (asked === 'slow-down' || (tooSoon && asked === undefined)) {
    device.interval += slowDown;
    return 'slow-down';
  }
  if (asked !== undefined) return asked;
  if (device.spent || device.expiresAt <= now()) return 'expired';
  if (device.decision.kind === 'waiting') return 'pending';
  return device.decision.kind;
}

const pollErrors = {
  pending: ['authorization_pending', 'The person has not decided yet.'],
  'slow-down': ['slow_down', 'Polled too soon; the interval grows by 5 seconds.'],
  denied: ['access_denied', 'The person said no.'],
  expired: ['expired_token', 'The device code has run out.'],
} as const satisfies Record<Exclude<Poll, 'allowed'>, readonly [string, string]>;

function pollRefusal(name: AccountCall['name'], outcome: Exclude<Poll, 'allowed'>): Response {
  const [error, description] = pollErrors[outcome];
  return tokenRefusal(name, 400, error, description);
}

/** A poll at the token endpoint. */
export function pollDevice(call: AccountCall, fields: Fields): Granted {
  const { name, deps, root } = call;
  const device = deps.ledger.devices.get(fields.get('device_code') ?? '');
  if (device === undefined || device.provider !== name)
    return tokenRefusal(name, 400, 'invalid_grant', 'The device code is not known.');
  const verifier = fields.get('code_verifier');
  if (
    device.challenge !== undefined &&
    !(verifier !== undefined && fitsChallenge(verifier, device.challenge))
  )
    return tokenRefusal(name, 400, 'invalid_grant', 'The code_verifier does not fit the code_challenge.');
  const outcome = polled(device, deps);
  if (outcome !== 'allowed') return pollRefusal(name, outcome);
  if (device.decision.kind !== 'allowed') return pollRefusal(name, 'denied');
  device.spent = true;
  const who = {
    provider: name,
    person: device.decision.person,
    scopes: device.scopes,
    offline: device.offline,
  };
  return { issued: signIn(deps.ledger, who, accessWriter(name, root, deps)) };
}

/** OpenAI's poll: 403 while it waits, then an authorization code together with its verifier. */
export async function pollCodexDevice(call: AccountCall): Promise<Response> {
  const { deps, name, request } = call;
  const fields = await jsonFields(request);
  const device = deps.ledger.devices.get(fields.get('device_auth_id') ?? '');
  if (device === undefined || device.userCode !== fields.get('user_code'))
    return tokenRefusal(name, 404, 'deviceauth_authorization_unknown', 'The device is not known.');
  const outcome = polled(device, deps);
  if (outcome === 'pending' || outcome === 'slow-down')
    return tokenRefusal(name, 403, 'deviceauth_authorization_unknown', 'The person has not decided yet.');
  if (outcome !== 'allowed' || device.decision.kind !== 'allowed')
    return tokenRefusal(
      name,
      400,
      outcome === 'expired' ? 'deviceauth_expired' : 'deviceauth_denied',
      outcome === 'expired' ? 'The device code has run out.' : 'The person said no.',
    );
  device.spent = true;
  const verifier = secret('', 32);
  const challenge = new Bun.CryptoHasher('sha256').update(verifier).digest('base64url');
  const code = secret('', 32);
  deps.ledger.codes.set(code, {
    provider: name,
    person: device.decision.person,
    redirectUri: `${call.root}/deviceauth/callback`,
    challenge,
    state: undefined,
    scopes: device.scopes,
    offline: device.offline,
    expiresAt: device.expiresAt,
    spentFor: undefined,
  });
  return jsonAnswer({ authorization_code: code, code_verifier: verifier, code_challenge: challenge });
}

/** A person says yes or no to the device that shows this code; `answer` is `deny` or anything else. Undefined: no such code. */
export function decideDevice(
  deps: AccountDeps,
  typed: string,
  person: string | null,
  answer: string | null,
): Device | undefined {
  const plain = (text: string): string => text.toUpperCase().replaceAll(/[^A-Z]/g, '');
  const device = [...deps.ledger.devices.values()].find(
    (waiting) => plain(waiting.userCode) === plain(typed) && waiting.decision.kind === 'waiting',
  );
  const decision = decided(person, answer);
  if (device === undefined || decision === undefined) return undefined;
  device.decision =
    decision.answer === 'deny' ? { kind: 'denied' } : { kind: 'allowed', person: decision.person };
  return device;
}

/** The page on which a person types or confirms the code; `sandbox_person` in the query decides without it. */
export async function devicePage(call: AccountCall): Promise<Response> {
  const { request, url, name, deps } = call;
  const { title } = services[name];
  const form = request.method === 'POST' ? new URLSearchParams(await request.text()) : undefined;
  const code = form?.get('user_code') ?? url.searchParams.get('user_code') ?? '';
  const person = form?.get('person') ?? url.searchParams.get('sandbox_person');
  const answer = form?.get('answer') ?? url.searchParams.get('sandbox_answer');
  if (form === undefined && person === null && answer === null)
    return page(
      `${title}: connect a device`,
      consentForm(
        'This is the sandbox. Type the code that the device shows, or check that it is the same:',
        `<label>Code <input name="user_code" value="${escaped(code)}" autocomplete="off" required></label>\n`,
      ),
    );
  const device = decideDevice(deps, code, person, answer);
  if (device === undefined || device.provider !== name)
    return page(
      `${title}: no such code`,
      `<p>No device waits with the code <code>${escaped(code)}</code>.</p>`,
      400,
    );
  return device.decision.kind === 'denied'
    ? page(`${title}: denied`, '<p>The device was refused. You can close this window.</p>')
    : page(`${title}: connected`, '<p>The device is signed in. You can close this window.</p>');
}
