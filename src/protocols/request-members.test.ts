import { expect, test } from 'bun:test';
import { codecs } from './registry.ts';

const named = Object.entries(codecs).flatMap(([protocol, codec]) =>
  (codec.requestMembers.owned?.named ?? []).map((name) => [protocol, name, codec] as const),
);

test.each(named)('a body of %s that has %s is searched for ids of others', (_protocol, name, codec) => {
  const body = Buffer.from(JSON.stringify({ [name]: 'x' }));
  const isWord = codec.ownedWords?.some((word) => body.includes(word)) ?? false;
  expect(isWord || codec.conversationState?.mayNameIds(body)).toBe(true);
});
