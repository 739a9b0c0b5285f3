import { asString } from '../protocols/json.ts';
import type { AccountProvider } from './account-provider.ts';
import { defaultVertexLocation } from './service-account.ts';
import { vertexApis } from './vertex-api.ts';

/** Vertex AI through a service account of Google Cloud; tokens come from its key (RFC 7523), not from a login. */
export const vertexAccount: AccountProvider = {
  kind: 'vertex',
  title: 'Vertex AI',
  oauth: undefined,
  signIn: ['file'],
  // Regions have hosts of their own, made from this one.
  baseUrl: 'https://aiplatform.googleapis.com',
  refreshLead: 5 * 60_000,
  identify: async () => {
    const message =
      'Vertex AI takes a service-account file, not a login: cli-proxy-api auth vertex --file key.json';
    return { ok: false, failure: { kind: 'refused', message } };
  },
  factsFromReply: () => ({}),
  identifiesOnRefresh: false,
  // The address of a service account has its project in it. One account may be used in several places.
  identity: ({ serviceAccount, email, location }) => {
    const address = asString(serviceAccount?.client_email) ?? email;
    const place = location === undefined || location === defaultVertexLocation ? [] : [location];
    return address === undefined ? undefined : [address, ...place].join('-');
  },
  apis: (facts, addresses) => vertexApis(facts, addresses, defaultVertexLocation),
};
