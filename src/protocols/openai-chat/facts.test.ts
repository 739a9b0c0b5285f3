import { describeFacts } from '../../../test/fact-laws.ts';
import { openaiChat as codec } from './index.ts';

await describeFacts({
  codec,
  bodyOf: ({ request }) => request?.body ?? undefined,
  isRead: ({ tags }) => !tags.includes('n-choices'),
  // The facts read no `function_call`, which a client of `tools` gets as a tool call.
  judged: ({ tags }, compared) => (tags.includes('legacy-functions') ? [] : compared),
});
