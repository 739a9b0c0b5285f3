/** What is answered about kept answers: `/v1/responses/{id}` (platform.openai.com/docs/api-reference/responses). */
import type { StoredAnswers } from '../conversation-state.ts';
import { badRequest } from '../protocol-error.ts';

export const storedAnswers: StoredAnswers = {
  deleted: (id) => ({ id, object: 'response', deleted: true }),

  /** Newest first unless `order=asc`; `limit` from 1 to 100, 20 by default. */
  itemPage(items, query) {
    const named = items.map((item, index) => ({ id: `item_${index}`, ...item }));
    const ordered = query?.get('order') === 'asc' ? named : named.toReversed();
    const after = query?.get('after');
    const start = after ? ordered.findIndex((item) => item.id === after) + 1 : 0;
    const limit = Math.min(100, Math.max(1, Number(query?.get('limit')) || 20));
    const data = ordered.slice(start, start + limit);
    return {
      object: 'list',
      data,
      first_id: data[0]?.id ?? null,
      last_id: data.at(-1)?.id ?? null,
      has_more: start + limit < ordered.length,
    };
  },

  notKept(id, storing) {
    const why = storing
      ? 'It was requested with "store": false or "background": true, has expired, or belongs to another key.'
      : 'This gateway stores no responses now: responses.store is off in its configuration, or their file cannot be used, as reported in its log.';
    return {
      status: 404,
      kind: 'not-found',
      message: `Response with id '${id.slice(0, 80)}' not found. ${why}`,
      param: 'id',
    };
  },

  begun: (answer) => ({
    ...answer,
    status: 'in_progress',
    ...{ error: null, incomplete_details: null, usage: null },
    ...(answer.completed_at !== undefined && { completed_at: null }),
  }),

  endEvent({ status }, json, sequence) {
    const type = `response.${status === 'incomplete' || status === 'failed' ? status : 'completed'}`;
    return `event: ${type}\ndata: {"type":"${type}","response":${json},"sequence_number":${sequence}}\n\n`;
  },

  badPlace: badRequest('starting_after: expected the sequence number of an event.', {
    param: 'starting_after',
  }),

  notBackground: (id) =>
    badRequest(
      `Response '${id}' has ended: only background responses can be cancelled, and this gateway runs none.`,
    ),
};
