import type { JsonObject } from '../protocols/json.ts';
import type { AccountAddresses, AccountApi, AccountFacts } from './account-provider.ts';
import { listedModels } from './listed-models.ts';
import { openaiCompatible } from './openai.ts';
import { listedIds, type Provider } from './provider.ts';

/** iFlow's OpenAI-compatible API. Source: protocol.md §5, row "iflow". */
const iflowApi: Provider = {
  ...openaiCompatible,
  name: 'iflow',
  title: 'iFlow',
  endpoints: { generate: () => '/chat/completions' },
  offers: { path: '/models', names: listedIds },
  // Other makers' models under their own names: what is not listed belongs to the makers.
  families: listedModels.iflow,
  adapt: withoutEmptyTools,
};

/** iFlow refuses a list of tools that is empty; none at all means the same. */
function withoutEmptyTools(body: JsonObject): JsonObject {
  if (!Array.isArray(body.tools) || body.tools.length > 0) return body;
  const { tools: _none, tool_choice: _choice, parallel_tool_calls: _parallel, ...rest } = body;
  return rest;
}

export function iflowApis({ cookie }: AccountFacts, { baseUrl }: AccountAddresses): AccountApi[] {
  const signIn = `cli-proxy-api auth iflow${cookie === undefined ? '' : ' --cookie'}`;
  return [{ provider: { ...iflowApi, signIn }, baseUrl, suffix: undefined }];
}
