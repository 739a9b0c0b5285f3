import { expect, test } from 'bun:test';
import { errorRulesOf, ruledAction } from './error-rule.ts';

const rules = errorRulesOf([
  { status: 400, match: ['policy', 'blocked'], 'match-regexp': [], 'match-regexr': [], action: 'continue' },
  {
    status: 400,
    match: [],
    'match-regexp': ['^\\{"fatal'],
    'match-regexr': ['x{3}'],
    action: 'stop-and-cooldown',
  },
  {
    status: undefined,
    match: ['overload'],
    'match-regexp': [],
    'match-regexr': [],
    action: 'continue-and-cooldown',
  },
  { status: 418, match: [], 'match-regexp': [], 'match-regexr': [], action: 'stop' },
]);

test.each<[string, number, string, { goOn: boolean; coolsDown: boolean } | undefined]>([
  ['one of the texts stands in the body', 400, 'it was blocked', { goOn: true, coolsDown: false }],
  ['a pattern fits', 400, '{"fatal":1}', { goOn: false, coolsDown: true }],
  ["a pattern under the peer's spelling fits", 400, 'xxx', { goOn: false, coolsDown: true }],
  ['a rule without a status fits any', 503, 'overload', { goOn: true, coolsDown: true }],
  ['a rule with a status only fits any text', 418, '', { goOn: false, coolsDown: false }],
  ['the first that fits decides', 400, 'blocked by overload', { goOn: true, coolsDown: false }],
  ['no rule fits', 400, 'something else', undefined],
  ['the status is another', 401, 'policy', undefined],
])('%s', (_, status, body, action) => {
  expect(ruledAction(rules, status, body)).toEqual(action);
});
