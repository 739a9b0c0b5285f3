/** Code Assist's own idea of an account: its tier, its project, and setting it up. `v1internal:loadCodeAssist`, `:onboardUser`. */
import { failed } from '../../oauth/failure.ts';
import type { OAuthFailure } from '../../oauth/grant.ts';
import type { Json, JsonObject } from '../../protocols/json.ts';
import { asObject, asObjects, asString } from '../../protocols/json-members.ts';
import { callAccountApi } from '../account-call.ts';
import type { SignInDeps } from '../account-provider.ts';
import { type GoogleError, googleRefusal, readGoogleError, validationRequired } from './refusal.ts';

/** One login at Google and where its APIs are. */
export interface GoogleLogin {
  email: string;
  accessToken: string;
  /** Of Code Assist; without a slash at its end. */
  baseUrl: string;
  /** How the client of this login introduces itself. */
  metadata: JsonObject;
  deps: SignInDeps;
}

export type Step<Value> =
  | { ok: true; value: Value }
  /** `wholeAccount`: no other project would fare better. */
  | { ok: false; failure: OAuthFailure; wholeAccount?: boolean };

/** A step that ends with Google's answer. */
export function refusedStep(
  email: string,
  what: string,
  error: GoogleError,
  status?: number,
): Extract<Step<never>, { ok: false }> {
  return {
    ok: false,
    failure: googleRefusal(email, what, error, status),
    wholeAccount: error.reason === validationRequired,
  };
}

export interface Assistance {
  /** The project that Google has for the account. */
  project: string | undefined;
  /** The tier in force, or the one that Google offers: `free-tier`, `standard-tier`. */
  tier: string;
  /** Whether a tier is in force. */
  onboarded: boolean;
}

/** The tier where Google offers none. */
const legacyTier = 'legacy-tier';

/** What Google has for the account, or for the account and the project that it asks for. */
export async function loadAssistance(
  login: GoogleLogin,
  project: string | undefined,
): Promise<Step<Assistance>> {
  const reply = await callCodeAssist(login, 'loadCodeAssist', {
    metadata: login.metadata,
    ...(project === undefined ? {} : { cloudaicompanionProject: project }),
  });
  if (!reply.ok) return reply;
  const current = asString(asObject(reply.value.currentTier)?.id);
  const closed = current === undefined ? closedTier(reply.value) : undefined;
  if (closed !== undefined) return refusedStep(login.email, 'Code Assist', closed);
  const offered = asObjects(reply.value.allowedTiers).find(({ isDefault }) => isDefault === true);
  return {
    ok: true,
    value: {
      project: projectId(reply.value.cloudaicompanionProject),
      tier: current ?? asString(offered?.id) ?? legacyTier,
      onboarded: current !== undefined,
    },
  };
}

/** Google's reason where the only tiers that it has in mind are closed to the account, or one waits for its validation. */
function closedTier(reply: JsonObject): GoogleError | undefined {
  const closed = asObjects(reply.ineligibleTiers);
  const unvalidated = closed.find(({ reasonCode }) => reasonCode === validationRequired);
  const tier = unvalidated ?? (asObjects(reply.allowedTiers).length === 0 ? closed[0] : undefined);
  if (tier === undefined) return undefined;
  const link = asString(tier.validationUrl) ?? asString(tier.validationLearnMoreUrl);
  return {
    message: asString(tier.validationErrorMessage) ?? asString(tier.reasonMessage),
    reason: asString(tier.reasonCode),
    links: link === undefined ? [] : [link],
  };
}

export interface Patience {
  /** Milliseconds between two tries. */
  pause: number;
  /** Milliseconds after which no further try is made. */
  limit: number;
}

/**
 * Sets the account up and gives the project that Google answers, undefined when it answers none. The operation is asked
 * for again until it is done, or until the limit: then the failure `timed-out`.
 */
export async function onboard(
  login: GoogleLogin,
  tier: string,
  project: string | undefined,
  { pause, limit }: Patience,
): Promise<Step<string | undefined>> {
  const { deps, email } = login;
  const deadline = deps.now() + limit;
  const tries = Math.ceil(limit / pause);
  for (let attempt = 1; attempt <= tries && deps.now() < deadline; attempt++) {
    const reply = await callCodeAssist(login, 'onboardUser', {
      tierId: tier,
      metadata: login.metadata,
      ...(project === undefined ? {} : { cloudaicompanionProject: project }),
    });
    if (!reply.ok) return reply;
    if (reply.value.done === true) {
      const error = asObject(reply.value.error);
      if (error !== undefined) return refusedStep(email, 'to set up Code Assist', readGoogleError(error));
      return { ok: true, value: projectId(asObject(reply.value.response)?.cloudaicompanionProject) };
    }
    if (attempt === 1) deps.progress(`Google is setting up ${project ?? 'a project'} for ${email} …`);
    await deps.wait(pause);
  }
  const message = `Google has not finished setting up ${project ?? 'a project'} for ${email} within ${limit / 1000} seconds. Sign in again later.`;
  return failed('timed-out', message);
}

/** A project is named by its id, or is an object with it. */
function projectId(value: Json | undefined): string | undefined {
  return asString(asObject(value)?.id ?? value)?.trim() || undefined;
}

async function callCodeAssist(
  { email, accessToken, baseUrl, deps }: GoogleLogin,
  method: string,
  body: JsonObject,
): Promise<Step<JsonObject>> {
  const url = `${baseUrl}/v1internal:${method}`;
  const answer = await callAccountApi({ server: 'Google', url, accessToken, body }, deps);
  if (!answer.ok) return answer;
  const reply = asObject(answer.body);
  if (answer.status === 200 && reply !== undefined) return { ok: true, value: reply };
  return refusedStep(email, 'Code Assist', readGoogleError(answer.body), answer.status);
}
