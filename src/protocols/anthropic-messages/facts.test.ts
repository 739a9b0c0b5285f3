import { describeFacts } from '../../../test/fact-laws.ts';
import { isObject } from '../json.ts';
import { anthropicMessages as codec } from './index.ts';

await describeFacts({
  codec,
  bodyOf({ request }) {
    return isObject(request?.body) && Array.isArray(request.body.messages) ? request.body : undefined;
  },
  // One deployment tells the whole message in one event, which the facts cannot read.
  isRead: ({ response }) => !response?.sse?.startsWith('event: message\n'),
});
