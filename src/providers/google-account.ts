/** Whose Google account it is, and the projects that Code Assist is asked for with it. */
import type { OAuthClient } from '../oauth/client.ts';
import type { TokenReply } from '../oauth/grant.ts';
import { asObject, asString, type JsonObject } from '../protocols/json.ts';
import { callAccountApi } from './account-call.ts';
import type { AccountAddresses, Identified, SignInWorld } from './account-provider.ts';
import type { GoogleLogin, Step } from './code-assist.ts';
import { googleUserinfoUrl } from './google-oauth.ts';
import { antigravityProjects, type GoogleProjects, geminiProjects } from './google-project.ts';
import { googleRefusal, readGoogleError } from './google-refusal.ts';
import { knownFacts } from './known-facts.ts';

interface Variant {
  metadata: JsonObject;
  projects: (login: GoogleLogin) => Promise<Step<GoogleProjects>>;
}

function identifyWith({ metadata, projects }: Variant) {
  return async (
    { accessToken }: TokenReply,
    client: OAuthClient,
    { baseUrl }: AccountAddresses,
    world: SignInWorld,
  ): Promise<Identified> => {
    const url = client.userinfoUrl ?? googleUserinfoUrl;
    const answer = await callAccountApi({ server: 'Google', url, accessToken }, world);
    if (!answer.ok) return answer;
    const email = asString(asObject(answer.body)?.email);
    if (answer.status !== 200 || !email) {
      const error = readGoogleError(
        answer.status === 200 ? { error: { message: 'no e-mail in its answer' } } : answer.body,
      );
      const failure = googleRefusal('this account', 'to say whose it is', error, answer.status);
      return { ok: false, failure };
    }
    world.progress(`Signed in as ${email}.`);
    const found = await projects({ email, accessToken, baseUrl, metadata, world });
    if (!found.ok) return { ok: false, failure: found.failure };
    return { ok: true, facts: knownFacts({ email, ...found.value }) };
  };
}

const neutral = { platform: 'PLATFORM_UNSPECIFIED', pluginType: 'GEMINI' };

export const identifyGemini = identifyWith({
  metadata: { ideType: 'IDE_UNSPECIFIED', ...neutral },
  projects: geminiProjects,
});

export const identifyAntigravity = identifyWith({
  metadata: { ideType: 'ANTIGRAVITY', ...neutral },
  projects: antigravityProjects,
});
