/** platform.openai.com/docs/api-reference/responses/create */
import type { RequestMembers } from '../request-members.ts';

export const requestMembers: RequestMembers = {
  later: ['background'],
  thinking: ['effort'],
  thinkingGroups: ['reasoning'],
  // Image generation has a model of its own, and its SVGs one more.
  models: {
    within: ['tools', 'svg', 'moderation'],
    names: ['model'],
    described: ['parameters', 'schema', 'format'],
  },
  files: {
    urls: ['image_url', 'file_url', 'file_data', 'data'],
    bytes: ['data'],
    fileBytes: ['file_data'],
    types: ['format'],
    free: ['parameters', 'schema', 'metadata'],
  },
  owned: {
    named: [
      ...['container', 'container_id', 'file_id', 'file_ids', 'vector_store_ids'],
      // What is diagnosed, or approved, is an answer's.
      ...['comparison_response_id', 'approval_request_id'],
    ],
    made: ['container', 'container_id'],
    // Citations of what lies in a container.
    madeFiles: { member: 'file_id', types: /^container_file_citation$/ },
  },
};
