/** Google's Code Assist API, which clients of several products ask: the Gemini protocol in an envelope. */
import { aroundRequest, countRequest, unwrapResponse } from '../../protocols/gemini/envelope.ts';
import type { Json } from '../../protocols/json.ts';
import { asObject, asObjects, asString } from '../../protocols/json-members.ts';
import type { AccountAddresses, AccountApi, AccountFacts } from '../account-provider.ts';
import { bearer, endpointUrl, type Provider } from '../provider.ts';
import type { QuotaReport } from '../quota-report.ts';
import type { Refusal, RefusedAnswer } from '../refusal.ts';

/** What differs between the products that ask it. */
export type CodeAssistTraits = Pick<
  Provider,
  'name' | 'title' | 'families' | 'models' | 'otherFamilies' | 'alsoNamed' | 'adapt' | 'streamsOnly'
> & {
  command: string;
  /** The names in the answer of the address that lists models, where this client has one. */
  available?: (body: Json) => readonly string[];
  /** Where it reports what is left, and the windows of its answer. */
  quotaOf?: { path: string; windows: QuotaReport['windows'] };
};

/** One API for each project of the account; one without a project where none is known, for Google then takes the account's own. */
export function codeAssistApis(
  { command, available, quotaOf, ...traits }: CodeAssistTraits,
  { projects = [] }: AccountFacts,
  { baseUrl }: AccountAddresses,
): AccountApi[] {
  const wanted: (string | undefined)[] = projects.length > 0 ? [...projects] : [undefined];
  return wanted.map((project) => ({
    baseUrl,
    suffix: wanted.length > 1 ? project : undefined,
    provider: {
      ...traits,
      protocol: 'gemini',
      endpoints: {
        generate: ({ stream }) =>
          stream ? '/v1internal:streamGenerateContent?alt=sse' : '/v1internal:generateContent',
        'count-tokens': () => '/v1internal:countTokens',
      },
      authenticate: bearer,
      headers: {},
      forwards: [],
      countBody: countRequest,
      envelope: { around: (model) => aroundRequest(model, project), unwrap: unwrapResponse },
      refusals: googleRefusals(command),
      signIn: command,
      ...(quotaOf && {
        quotaReport: {
          url: (address: string) => endpointUrl(address, quotaOf.path),
          body: project === undefined ? {} : { project },
          windows: quotaOf.windows,
        },
      }),
      ...(available && {
        offers: {
          path: '/v1internal:fetchAvailableModels',
          body: project === undefined ? {} : { project },
          names: available,
        },
      }),
    },
  }));
}

/** Google's `ErrorInfo` and `Help` have the link for the account's owner. Source: google.aip.dev/193. */
function googleLink({ body }: RefusedAnswer): string | undefined {
  const details = asObjects(asObject(body.error)?.details);
  const named = details.map((detail) => asString(asObject(detail.metadata)?.validation_url));
  const linked = details.flatMap((detail) => asObjects(detail.links).map(({ url }) => asString(url)));
  return [...named, ...linked].find((address) => address?.startsWith('https://'));
}

function googleNext(otherwise: string): (answer: RefusedAnswer) => string {
  return (answer) => {
    const link = googleLink(answer);
    return link === undefined ? otherwise : `open ${link} with this account, then send the request again`;
  };
}

/** Google's Code Assist; `command` signs in again. */
function googleRefusals(command: string): readonly Refusal[] {
  return [
    {
      statuses: [403],
      says: /VALIDATION_REQUIRED/,
      next: googleNext(
        'Google requires verification of this account: sign in to it in a browser and follow the instructions',
      ),
    },
    {
      statuses: [403],
      says: /SERVICE_DISABLED|has not been used in project|accessNotConfigured/,
      next: googleNext(`switch on "Gemini for Google Cloud" in the project, or choose another: ${command}`),
    },
    {
      statuses: [403],
      says: /PERMISSION_DENIED/,
      next: `the account may not use this project; choose another: ${command}`,
    },
  ];
}
