/** The models that a channel is known to serve, and what is known of them: without asking any provider. */
import { knownModel } from '../models/known-models.ts';
import type { ModelRow } from '../models/model-row.ts';
import { accountKinds, accountProviders, keyLists } from '../providers/registry.ts';
import { json } from './reply.ts';
import { type Route, route } from './route.ts';

/** Names of the peer's for lists of API keys. */
const keyChannels: Readonly<Record<string, string>> = {
  gemini: 'gemini-api-key',
  'gemini-interactions': 'gemini-api-key',
  interactions: 'gemini-api-key',
  aistudio: 'gemini-api-key',
  claude: 'claude-api-key',
  codex: 'codex-api-key',
  vertex: 'vertex-api-key',
  xai: 'xai-api-key',
};

/** Facts with which every account has an API. */
const someAccount = { projects: ['-'], accountId: '-', location: 'us-central1' };

/** Names of models, and who serves them; undefined for a channel that there is not. */
function modelsOf(channel: string): readonly string[] | undefined {
  const wanted = channel.trim().toLowerCase();
  const kind = accountKinds.find(
    (one) => one === wanted || accountProviders[one].files?.names?.includes(wanted) === true,
  );
  const list = keyLists.find(
    ([name]) => name === (Object.hasOwn(keyChannels, wanted) ? keyChannels[wanted] : ''),
  );
  if (kind === undefined && list === undefined) return undefined;
  const account = kind && accountProviders[kind];
  const ofAccount = account
    ?.apis(someAccount, { baseUrl: account.baseUrl })
    .flatMap(({ provider }) => provider.models);
  return [...new Set([...(list?.[1].provider.models ?? []), ...(ofAccount ?? [])])];
}

export function modelDefinitionRoutes(): Route[] {
  return [
    route({
      method: 'GET',
      v0: 'model-definitions/:channel',
      answers: 'modelDefinitions',
      refuses: { 400: ['unknown_channel'] },
      v8: 'routing/model-definitions/:channel',
      sentence: 'The models that a channel (a kind of account, or of key) is known to serve.',
      run({ parameter }) {
        const channel = parameter('channel').trim().toLowerCase();
        const models = modelsOf(channel);
        return models === undefined
          ? json({ channel, error: 'unknown channel', code: 'unknown_channel' }, { status: 400 })
          : json({ channel, models: models.map((id) => definition(id, channel)) });
      },
    }),
  ];
}

function definition(id: string, channel: string): Record<string, unknown> {
  const row = knownModel(id);
  return {
    id,
    object: 'model',
    created: 0,
    owned_by: row?.maker ?? channel,
    type: channel,
    display_name: id,
    ...(row && known(row)),
  };
}

function known({ context, output, inputs, thinking, maker }: ModelRow): Record<string, unknown> {
  const google = maker === 'google';
  return {
    ...(context !== undefined && { context_length: context, ...(google && { inputTokenLimit: context }) }),
    ...(output !== undefined && {
      max_completion_tokens: output,
      ...(google && { outputTokenLimit: output }),
    }),
    ...(google && {
      supportedGenerationMethods: ['generateContent', 'streamGenerateContent', 'countTokens'],
    }),
    ...(inputs !== undefined && { supportedInputModalities: inputs }),
    ...shownThinking(thinking),
  };
}

function shownThinking(thinking: ModelRow['thinking']): Record<string, unknown> {
  switch (thinking?.kind) {
    case undefined:
    case 'none':
      return {};
    case 'levels':
      return { thinking: { levels: thinking.levels } };
    case 'budget': {
      const { min, max, canDisable, canAuto } = thinking;
      return { thinking: { min, max, zero_allowed: canDisable, dynamic_allowed: canAuto } };
    }
  }
}
