import { describeFacts } from '../../../test/fact-laws.ts';
import { isObject } from '../json.ts';
import { gemini as codec } from './index.ts';

await describeFacts({
  codec,
  bodyOf({ request }) {
    return isObject(request?.body) && request.body.contents !== undefined ? request.body : undefined;
  },
  isRead: ({ tags }) => !tags.includes('no-terminal-event'),
  // The facts read no arguments that come piece by piece.
  judged: ({ tags }, compared) =>
    tags.includes('partial-args') ? compared.filter(([name]) => !name.includes('tool call')) : compared,
});
