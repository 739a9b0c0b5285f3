/** ai.google.dev/api/generate-content; Google's servers read names with and without underscores. */
import type { RequestMembers } from '../request-members.ts';

export const requestMembers: RequestMembers = {
  answerCounts: ['candidatecount'],
  settings: ['generationconfig'],
  thinking: ['thinkingbudget', 'thinkinglevel'],
  thinkingGroups: ['thinkingconfig'],
  // @google/genai, GenerationConfigRoutingConfig.
  models: {
    within: ['generationconfig', 'routingconfig', 'tools'],
    names: ['model', 'modelname'],
    described: [
      ...['parameters', 'parametersjsonschema', 'responseschema', 'responsejsonschema', 'schema'],
      'functiondeclarations',
    ],
  },
  files: {
    urls: ['fileUri', 'file_uri', 'uri', 'data'],
    bytes: ['data'],
    types: ['mimeType', 'mime_type'],
    free: ['args', 'response', 'parameters', 'schema'],
  },
  owned: {
    named: [
      ...['cachedContent', 'cached_content', 'fileUri', 'file_uri'],
      // What an interaction leaves: its rest, and the machine that it ran on.
      ...['continuation_token', 'continuationToken', 'environment', 'environment_id', 'environmentId'],
      ...['from_environment', 'fromEnvironment'],
    ],
    made: ['environment_id', 'continuation_token'],
  },
};
