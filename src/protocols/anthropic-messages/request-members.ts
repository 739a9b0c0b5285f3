/** platform.claude.com/docs/en/api/messages; @anthropic-ai/sdk, BetaFallbackParam. */
import type { RequestMembers } from '../request-members.ts';

export const requestMembers: RequestMembers = {
  thinking: ['budgettokens', 'effort'],
  thinkingGroups: ['thinking', 'outputconfig'],
  fallbacks: ['fallbacks'],
  // The advisor among the tools has a model of its own.
  models: {
    within: ['fallbacks', 'tools'],
    names: ['model', 'fallbacks'],
    described: ['inputschema', 'outputschema', 'schema', 'inputexamples', 'examples', 'format'],
  },
  files: {
    urls: ['url', 'data'],
    bytes: ['data'],
    types: ['media_type'],
    free: ['input_schema', 'metadata'],
    freeObjects: ['input'],
  },
  owned: {
    // A thread goes on from a message, and diagnostics compare one; a refusal may be paid back to whoever got it.
    named: ['container', 'file_id', 'previous_message_id', 'fallback_credit_token'],
    made: ['container', 'fallback_credit_token'],
    madeAnswer: { asked: ['thread', 'diagnostics'], type: 'message', member: 'message' },
    askedInHeader: { name: 'anthropic-beta', value: /\bfallback-credit-/ },
    // Results of code.
    madeFiles: { member: 'file_id', types: /code_execution_output$/ },
  },
};
