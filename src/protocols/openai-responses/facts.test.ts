import { describeFacts } from '../../../test/fact-laws.ts';
import { isObject } from '../json.ts';
import { openaiResponses as codec } from './index.ts';

await describeFacts({
  codec,
  bodyOf: ({ request }) => (isObject(request?.body) ? request.body : undefined),
  isRead: ({ response }) =>
    response?.sse !== undefined || (isObject(response?.body) && 'output' in response.body),
  repeated: (last) => (isObject(last) ? (last.response ?? null) : null),
});
