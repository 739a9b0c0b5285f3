/** Azure OpenAI: OpenAI's models in a resource of one's own, under the names of its deployments. */
import type { Operation } from '../protocols/operation.ts';
import { bearer, type Provider } from './provider.ts';
import type { ProviderRecord } from './record.ts';
import type { Refusal } from './refusal.ts';
import type { ServiceSettings } from './service.ts';

/**
 * Paths below `/openai/v1`, and below `/openai/deployments/<name>` of the dated API.
 * Source: openai-node, `AzureOpenAI`: what it puts under a deployment, and what not (`/responses`).
 */
const paths = {
  embed: '/embeddings',
  'generate-image': '/images/generations',
  'edit-image': '/images/edits',
  transcribe: '/audio/transcriptions',
  'translate-speech': '/audio/translations',
  speak: '/audio/speech',
} as const satisfies Partial<Record<Operation, string>>;

/** A version with a date has addresses of deployments; `v1`, `preview` and `latest` are the newer API's. */
const dated = /^\d{4}-\d{2}-\d{2}/;

/**
 * `stream_options` came with 2024-09-01-preview.
 * Source: learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle, "Changes between 2024-08-01-preview and …".
 */
function takesStreamOptions({ apiVersion }: ServiceSettings): boolean {
  return apiVersion === undefined || !dated.test(apiVersion) || apiVersion >= '2024-09-01';
}

function endpoints({ protocol, apiVersion }: ServiceSettings): Provider['endpoints'] {
  const query = apiVersion === undefined ? '' : `?api-version=${encodeURIComponent(apiVersion)}`;
  const byDeployment = apiVersion !== undefined && dated.test(apiVersion);
  const at =
    (path: string) =>
    ({ model }: { model: string }): string =>
      `/openai/${byDeployment ? `deployments/${encodeURIComponent(model)}` : 'v1'}${path}${query}`;
  // Responses name the deployment in the body, in both.
  const responses = (path: string) => () => `/openai/${byDeployment ? '' : 'v1/'}responses${path}${query}`;
  return {
    ...(protocol === 'openai-chat'
      ? { generate: at('/chat/completions') }
      : { generate: responses(''), compact: responses('/compact') }),
    embed: at(paths.embed),
    'generate-image': at(paths['generate-image']),
    'edit-image': at(paths['edit-image']),
    transcribe: at(paths.transcribe),
    'translate-speech': at(paths['translate-speech']),
    speak: at(paths.speak),
  };
}

/** A token of Microsoft Entra ID is a JWT (RFC 7519) and a bearer; a key of the resource has a header of its own. */
function authenticate(secret: string): Record<string, string> {
  return /^ey[\w-]+\.[\w-]+\.[\w-]*$/.test(secret) ? bearer(secret) : { 'api-key': secret };
}

const refusals: readonly Refusal[] = [
  {
    statuses: [404],
    says: /DeploymentNotFound/,
    next: 'the `name` of a model must be that of a deployment in this resource; `alias` is what clients call it',
  },
  {
    statuses: [400, 404],
    says: /API version not supported|"Resource not found"/i,
    next: 'the resource does not have this address: remove api-version, or use one that it has, such as 2024-10-21',
  },
];

/** An address without a path, or with that of the API in its old and new forms. */
const endOf =
  /^(https?:\/\/[^/]+(?:\/[^/?#]+)*?)\/openai(?:\/v1|\/deployments\/[^/]*)?\/?$|^(https?:\/\/[^/]+)\/?$/;

export const azure = {
  service: {
    title: 'Azure OpenAI',
    genaiName: 'azure.ai.openai',
    baseUrl: undefined,
    otherNames: ['azure-openai', 'azureopenai', 'azure-foundry'],
    hosts: [
      '*.openai.azure.com',
      '*.cognitiveservices.azure.com',
      '*.services.ai.azure.com',
      '*.openai.azure.us',
      '*.openai.azure.cn',
    ],
    // The service lists the models that could be deployed, not those that are.
    models: [],
    // Models that are no deployments of OpenAI's, and gateways of other makers, speak plain Chat Completions.
    isAddress: (baseUrl) => !/\.(?:models|inference)\.ai\.azure\.com/.test(baseUrl) && endOf.test(baseUrl),
    // What the portal, the newer SDKs and the older ones each show as the endpoint.
    addressOf: (baseUrl) => baseUrl.replace(endOf, '$1$2'),
    differences: (settings) => ({
      endpoints: endpoints(settings),
      authenticate,
      refusals,
      streamUsage: takesStreamOptions(settings),
    }),
    notes:
      'Needs `base-url` (`https://NAME.openai.azure.com`) and `models` (names of deployments). Without `api-version` the addresses are those of `/openai/v1`; with a dated one they are `/openai/deployments/<name>/…?api-version=…`. See [Azure OpenAI](providers/azure.md).',
    source:
      'learn.microsoft.com/azure/foundry/openai/api-version-lifecycle; learn.microsoft.com/azure/ai-foundry/openai/reference',
  },
} satisfies ProviderRecord;
