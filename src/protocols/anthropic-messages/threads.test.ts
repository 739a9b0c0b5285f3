import { expect, test } from 'bun:test';
import { InvalidRequest } from '../json.ts';
import { demandNoThread } from './threads.ts';

test('a thread is refused with the code that makes SDKs go on without one', () => {
  for (const thread of [{ type: 'create' }, { type: 'continue', previous_message_id: 'msg_1' }]) {
    const refused = () => demandNoThread({ messages: [], thread });
    expect(refused).toThrow(InvalidRequest);
    expect(refused).toThrow(expect.objectContaining({ code: 'thread_unsupported_request', path: 'thread' }));
  }
});

test('requests without a thread pass', () => {
  expect(() => demandNoThread({ messages: [] })).not.toThrow();
  expect(() => demandNoThread({ messages: [], thread: null })).not.toThrow();
});
