/** A body on its way to an upstream of the client's own protocol: the client's bytes, but for what has to be another. */
import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { JsonObject } from '../../protocols/json.ts';
import { type Protocol, protocols } from '../../protocols/model.ts';
import { splitModelSuffix } from '../../protocols/reasoning.ts';
import { wrapId, wrapSignature } from '../../protocols/signature-envelope.ts';
import { scanEnvelope } from '../body-scan.ts';
import { readRequest } from '../read-request.ts';
import { type BodyTarget, upstreamBody } from './request.ts';

interface Sent {
  protocol: Protocol;
  text: string;
  model: string;
  to?: Partial<BodyTarget>;
}

/** What the upstream gets of a client's text, in which the model is named as `model` says. */
function upstreamText({ protocol, text, model, to = {} }: Sent): string {
  const body = new TextEncoder().encode(text);
  const modelSpan = protocol === 'gemini' ? undefined : scanEnvelope(body)?.modelSpan;
  const request = { protocol, operation: 'generate' as const, model, modelSpan, stream: false, body };
  const { model: bare, amount } = splitModelSuffix(model);
  const target: BodyTarget = { protocol, model: bare, stream: false, ...to };
  const written = upstreamBody(request, readRequest(request, amount), target).body;
  return typeof written === 'string' ? written : new TextDecoder().decode(written);
}

/** What programs write that no serialiser of ours would: odd white space, numbers in other words, escapes, unknown members. */
const oddText = fc.constantFrom(
  '1e2',
  '1.0',
  '"\\u00e9\\/"',
  ' [ 1.50 , {} ] ',
  '{"b":1 ,"a":\t2}',
  'null',
  '12345678901234567890',
);
const odd = fc
  .array(oddText, { maxLength: 4 })
  .map((all) => all.map((one, i) => `"x${i}" : ${one} ,\n`).join(''));

/** The text before and behind the one place of a body that says how hard to think. */
const thinking: Record<
  Protocol,
  { said: string; wanted: string; around: (odd: string) => [string, string] }
> = {
  'openai-chat': {
    said: '"reasoning_effort" : "low"',
    wanted: '"reasoning_effort" : "high"',
    around: (more) => [
      `{ "messages":[{"content":"Hi","role":"user"}],${more}`,
      `, ${more}"temperature":1.0}`,
    ],
  },
  'openai-responses': {
    said: '"reasoning" : {"summary":"auto", "effort":"low"}',
    wanted: '"reasoning" : {"summary":"auto", "effort":"high"}',
    around: (more) => [`{ "input" : "Hi",${more}`, `,${more}"store":false }`],
  },
  'anthropic-messages': {
    said: '"thinking":{"type": "adaptive"}, "output_config" : { "effort":"low"}',
    wanted: '"thinking":{"type": "adaptive"}, "output_config" : { "effort":"high"}',
    around: (more) => [
      `{"max_tokens":1e3, ${more}"messages":[{"role":"user","content":"Hi"}],`,
      `,${more}"stream":false}`,
    ],
  },
  gemini: {
    said: '"generation_config":{"topP":1.0,"thinking_config":{ "thinkingLevel":"LOW" , "includeThoughts":true}}',
    wanted:
      '"generation_config":{"topP":1.0,"thinking_config":{ "thinkingLevel":"HIGH" , "includeThoughts":true}}',
    around: (more) => [`{${more} "contents":[{"parts":[{"text":"Hi"}]}],`, `,${more}"safetySettings":[ ] }`],
  },
};

describe.each([...protocols])('%s to itself', (protocol) => {
  const { said, wanted, around } = thinking[protocol];
  const named = (model: string) => (protocol === 'gemini' ? '' : `"model" : ${JSON.stringify(model)},`);

  test('a suffix changes what says how hard to think, and the name', () => {
    fc.assert(
      fc.property(odd, (more) => {
        const [head, tail] = around(more);
        const text = (model: string, middle: string) => head + named(model) + middle + tail;
        expect(upstreamText({ protocol, model: 'm(high)', text: text('m(high)', said) })).toBe(
          text('m', wanted),
        );
      }),
    );
  });

  test('an alias or a prefix changes the name alone', () => {
    fc.assert(
      fc.property(odd, (more) => {
        const [head, tail] = around(more);
        const text = (model: string) => head + named(model) + said + tail;
        const sent = { protocol, model: 'team/fast', to: { model: 'm' }, text: text('team/fast') };
        expect(upstreamText(sent)).toBe(text('m'));
      }),
    );
  });

  test("the owner's and the provider's changes leave every other byte", () => {
    fc.assert(
      fc.property(odd, (more) => {
        // Each member once: of two the owner's rules have looked at one.
        const [head] = around(more);
        const [, tail] = around('');
        const text = (extra: string, end: string) => head + named('m') + extra + said + tail + end;
        const shape = (body: JsonObject): JsonObject => ({ ...body, ours: true });
        const adapt = ({ refused: _, ...body }: JsonObject): JsonObject => body;
        const to = { shape, provider: { adapt } };
        const sent = { protocol, model: 'm', to, text: text('"refused":[1.0],', '') };
        const expected = text('', '').replace(/\s*}$/, (end) => `,"ours":true${end}`);
        expect(upstreamText(sent)).toBe(expected);
      }),
    );
  });

  test('L: of two members of a name the owner’s rules let the one through that they looked at', () => {
    const [head, tail] = around('"x":{"a":1,"b":[{"c":1,"c":2}],"a":2},');
    const text = `${head}${said}${tail}`;
    const sent = (to: Partial<BodyTarget>) => JSON.parse(upstreamText({ protocol, model: 'm', text, to }));
    const once = upstreamText({ protocol, model: 'm', text, to: { shape: (body) => body } });
    expect(once).not.toContain('"a":1');
    expect(once).not.toContain('"c":1');
    expect(JSON.parse(once)).toEqual(JSON.parse(text));
    expect(sent({ mostTokens: 5 })).toMatchObject({ x: { a: 2, b: [{ c: 2 }] } });
    // Without a rule the bytes are the client's.
    expect(upstreamText({ protocol, model: 'm', text })).toBe(text);
  });

  test('a suffix that the body says already changes nothing', () => {
    const [head, tail] = around('');
    const text = head + wanted + tail;
    expect(upstreamText({ protocol, model: 'm(high)', text })).toBe(text);
  });
});

const foreign = wrapSignature({ family: 'gemini', value: 'proof' }, 'anthropic');
const wrappedId = wrapId('call_1', { family: 'gemini', value: 'proof' });
const bytes64 = btoa(wrapSignature({ family: 'anthropic', value: 'proof' }, 'gemini'));

describe('signatures of another provider go, and nothing else', () => {
  const cases: { protocol: Protocol; text: string; expected: string }[] = [
    {
      protocol: 'anthropic-messages',
      text: `{"model":"m","messages":[ {"role":"user","content":"a","x":1.0}, {"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"${foreign}"}, {"type":"tool_use", "id":"${wrappedId}","name":"f","input":{"n":1e2}}]}, {"role":"user","content":[{"tool_use_id":"${wrappedId}" ,"type":"tool_result"}]}],"max_tokens":5.0}`,
      expected:
        '{"model":"m","messages":[ {"role":"user","content":"a","x":1.0}, {"role":"assistant","content":[{"type":"tool_use", "id":"call_1","name":"f","input":{"n":1e2}}]}, {"role":"user","content":[{"tool_use_id":"call_1" ,"type":"tool_result"}]}],"max_tokens":5.0}',
    },
    {
      protocol: 'anthropic-messages',
      text: `{"thinking":{"type":"enabled", "budget_tokens":2e3},"messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"${foreign}"},{"type":"tool_use","id":"c","name":"f","input":{}}]},{"role":"user","content":"b"}]}`,
      expected:
        '{"thinking":{"type":"disabled"},"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"c","name":"f","input":{}}]},{"role":"user","content":"b"}]}',
    },
    {
      protocol: 'openai-chat',
      text: `{"messages":[{"role":"assistant", "reasoning_content":"t","reasoning_details":[{"type":"reasoning.encrypted","id":"#1","data":"${foreign}"}],"tool_calls":[{"id":"${wrappedId}" , "type":"function","function":{"arguments":"{}","name":"f"}}]},{"content":"r","tool_call_id":"${wrappedId}","role":"tool"}], "n":1.0}`,
      expected:
        '{"messages":[{"role":"assistant", "reasoning_content":"t","tool_calls":[{"id":"call_1" , "type":"function","function":{"arguments":"{}","name":"f"}}]},{"content":"r","tool_call_id":"call_1","role":"tool"}], "n":1.0}',
    },
    {
      protocol: 'openai-responses',
      text: `{"input":[{"role":"user","content":"a" }, {"type":"reasoning","summary":[],"encrypted_content":"${foreign}"}, {"type":"reasoning","summary":[ ],"encrypted_content":"gAAAA"}],"top_p":1.0}`,
      expected:
        '{"input":[{"role":"user","content":"a" }, {"type":"reasoning","summary":[ ],"encrypted_content":"gAAAA"}],"top_p":1.0}',
    },
    {
      protocol: 'gemini',
      text: `{"contents":[{"role":"model","parts":[{"text":"t","thought":true,"thoughtSignature":"${bytes64}"},{"functionCall":{"args":{"n":1e2},"name":"f"} ,"thoughtSignature":"${bytes64}"}]}], "x":1.0}`,
      expected:
        '{"contents":[{"role":"model","parts":[{"functionCall":{"args":{"n":1e2},"name":"f"} ,"thoughtSignature":"skip_thought_signature_validator"}]}], "x":1.0}',
    },
  ];
  test.each(cases)('$protocol', ({ protocol, text, expected }) => {
    expect(
      upstreamText({
        protocol,
        model: 'm',
        to: { model: protocol === 'gemini' ? 'gemini-3-pro' : 'm' },
        text,
      }),
    ).toBe(expected);
  });
});
