/** Whose Google account it is, and the projects that Code Assist is asked for with it. */
import { asObject, asString } from '../../protocols/json-members.ts';
import { callAccountApi } from '../account-call.ts';
import type { AccountProvider } from '../account-provider.ts';
import { knownFacts } from '../known-facts.ts';
import { codeAssistUrl } from './cloud.ts';
import type { GoogleLogin, Step } from './code-assist.ts';
import { googleUserinfoUrl } from './oauth.ts';
import type { GoogleProjects } from './project.ts';
import { googleRefusal, readGoogleError } from './refusal.ts';

/** What accounts with Code Assist have in common, whichever client they signed in with. */
export const googleAccount = {
  forProjects: true,
  ownPayloadForm: true,
  signIn: ['browser'],
  baseUrl: codeAssistUrl,
  refreshLead: 5 * 60_000,
  // developers.google.com/identity/protocols/oauth2/native-app, “Refreshing an access token”.
  refreshTokenStays: true,
  factsFromReply: () => ({}),
  identifiesOnRefresh: false,
  identity: (facts) => facts.email,
} satisfies Partial<AccountProvider>;

interface Variant {
  /** How the client introduces itself to Code Assist. */
  ideType: string;
  projects: (login: GoogleLogin) => Promise<Step<GoogleProjects>>;
}

/** A login's e-mail and projects. */
export function identifyGoogle({ ideType, projects }: Variant): AccountProvider['identify'] {
  const metadata = { ideType, platform: 'PLATFORM_UNSPECIFIED', pluginType: 'GEMINI' };
  return async ({ accessToken }, client, { baseUrl }, deps) => {
    const url = client.userinfoUrl ?? googleUserinfoUrl;
    const answer = await callAccountApi({ server: 'Google', url, accessToken }, deps);
    if (!answer.ok) return answer;
    const email = asString(asObject(answer.body)?.email);
    if (answer.status !== 200 || !email) {
      const error = readGoogleError(
        answer.status === 200 ? { error: { message: 'no e-mail in its answer' } } : answer.body,
      );
      const failure = googleRefusal('this account', 'to say whose it is', error, answer.status);
      return { ok: false, failure };
    }
    deps.progress(`Signed in as ${email}.`);
    const found = await projects({ email, accessToken, baseUrl, metadata, deps });
    if (!found.ok) return { ok: false, failure: found.failure };
    return { ok: true, facts: knownFacts({ email, ...found.value }) };
  };
}
