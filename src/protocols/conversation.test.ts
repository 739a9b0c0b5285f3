import { expect, test } from 'bun:test';
import { type Loss, lossesInto } from './codec.ts';
import { joinTurns, pairToolResults, withoutConversation } from './conversation.ts';
import type { Message, Part } from './model.ts';
import type { Request } from './request.ts';

const call = (id: string): Part => ({
  type: 'tool-call',
  id,
  name: `tool_${id}`,
  kind: 'function',
  input: '{}',
});
const result = (callId: string): Part => ({
  type: 'tool-result',
  callId,
  content: [{ type: 'text', text: `done ${callId}` }],
});
const text = (value: string): Part => ({ type: 'text', text: value });
const user = (...parts: Part[]): Message => ({ role: 'user', parts });
const assistant = (...parts: Part[]): Message => ({ role: 'assistant', parts });

function paired(...turns: Message[]): { turns: Message[]; losses: Loss[] } {
  const losses: Loss[] = [];
  return { turns: pairToolResults(joinTurns(turns), lossesInto(losses)), losses };
}

test('results in another order are put into the order of their calls', () => {
  const { turns } = paired(
    user(text('go')),
    assistant(call('a'), call('b')),
    user(result('b'), result('a'), text('and?')),
  );
  expect(turns.at(-1)?.parts).toEqual([result('a'), result('b'), text('and?')]);
});

test('a result that comes turns later moves right behind its call', () => {
  const { turns } = paired(
    assistant(call('a')),
    user(text('wait')),
    assistant(text('waiting')),
    user(result('a')),
  );
  expect(turns[1]?.parts).toEqual([result('a'), text('wait')]);
  expect(turns.flatMap((turn) => turn.parts).filter((part) => part.type === 'tool-result')).toHaveLength(1);
});

test('a call whose result is missing gets one that says so, and that is reported', () => {
  const { turns, losses } = paired(assistant(call('a'), call('b')), user(result('a'), text('go on')));
  expect(turns[1]?.parts[1]).toMatchObject({ type: 'tool-result', callId: 'b', isError: true });
  expect(losses).toHaveLength(1);
});

test('a result without its call gets the call it must have had, and that is reported', () => {
  const { turns, losses } = paired(user(text('go')), user(result('x')));
  expect(turns.map((turn) => turn.role)).toEqual(['user', 'assistant', 'user']);
  expect(turns[1]?.parts[0]).toMatchObject({ type: 'tool-call', id: 'x' });
  expect(losses).toHaveLength(1);
});

test('H3: results without calls that stand together get their calls in one turn', () => {
  const { turns, losses } = paired(user(text('go'), result('x'), result('y'), text('on'), result('z')));
  expect(turns.map(({ role, parts }) => [role, parts.map(({ type }) => type)])).toEqual([
    ['user', ['text']],
    ['assistant', ['tool-call', 'tool-call']],
    ['user', ['tool-result', 'tool-result', 'text']],
    ['assistant', ['tool-call']],
    ['user', ['tool-result']],
  ]);
  expect(losses).toHaveLength(3);
});

test('A18: a result without its call stays between what was said around it', () => {
  const { turns } = paired(user(text('go'), result('x'), text('and?')), assistant(text('yes')));
  expect(turns.map(({ parts }) => parts.map((part) => part.type))).toEqual([
    ['text'],
    ['tool-call'],
    ['tool-result', 'text'],
    ['text'],
  ]);
});

test('A18: a second result of one call is reported as dropped', () => {
  const { losses } = paired(assistant(call('a')), user(result('a'), result('a')));
  expect(losses).toMatchObject([{ kind: 'dropped', field: 'messages.tool-result' }]);
});

test('calls of the last turn get results too: providers refuse them without', () => {
  const { turns, losses } = paired(user(text('go')), assistant(call('a')));
  expect(turns).toHaveLength(3);
  expect(losses).toMatchObject([{ kind: 'approximated', field: 'messages.tool-call' }]);
});

test('a conversation without tools is left alone', () => {
  const turns = [user(text('hi')), assistant(text('hello'))];
  expect(paired(...turns).turns).toEqual(turns);
});

const said = (role: Message['role']): Message => ({ role, parts: [{ type: 'text', text: role }] });
const request = (...messages: Message[]): Request => ({ model: 'm', stream: true, messages, topP: 1 });

test('of a conversation only instructions that stand first stay', () => {
  const spoken = request(said('system'), said('user'), said('assistant'));
  expect(withoutConversation(spoken)).toEqual(request(said('system')));
  expect(withoutConversation(request(said('user'), said('system')))).toEqual(request());
  expect(withoutConversation(request())).toEqual(request());
  expect(spoken.messages.length).toBe(3);
});
