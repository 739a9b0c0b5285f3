/** What a query asks of an answer: `alt` (cloud.google.com/apis/docs/system-parameters). */
import type { QueryForms } from '../codec.ts';
import { asksForNumbers, inNumbers } from './enum-numbers.ts';
import { jsonArrayFraming } from './json-array.ts';

export const queryForms: QueryForms = {
  // An array, unless events are asked for.
  wantsArray: (query) => !/(^|&)(?:\$|%24)?alt=sse(&|;|%3B|$)/i.test(query),
  array: jsonArrayFraming,
  worded: (codec, query) => (asksForNumbers(query) ? inNumbers(codec) : codec),
};
