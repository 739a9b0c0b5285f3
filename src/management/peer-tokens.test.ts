import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { codecs } from '../protocols/registry.ts';
import { knownCredentials } from './known-credentials.ts';
import { type PeerTokens, peerTokens } from './peer-tokens.ts';

/** How keepers of the peer's usage make whole sums of what they read, by `executor_type`. Source: Willxup/cpa-usage-keeper. */
function summedByKeeper(executor: string, tokens: PeerTokens): { input: number; output: number } {
  const { input_tokens: input, output_tokens: output } = tokens;
  switch (executor.toLowerCase()) {
    case 'claudeexecutor':
      return { input: input + tokens.cache_read_tokens + tokens.cache_creation_tokens, output };
    case 'geminiexecutor':
    case 'geminivertexexecutor':
    case 'antigravityexecutor':
      return { input, output: output + tokens.reasoning_tokens };
    default:
      return { input, output };
  }
}

const counts = fc
  .tuple(fc.nat(1000), fc.nat(1000), fc.nat(1000), fc.nat(1000), fc.nat(1000))
  .map(([plain, cacheRead, cacheWrite, visible, reasoning]) => ({
    ...{ input: plain + cacheRead + cacheWrite, cacheRead, cacheWrite },
    ...{ output: visible + reasoning, reasoning },
  }));

test('16: keepers that go by executor_type come to the sums that the provider has counted', () => {
  const served = ['claude', 'codex', 'gemini', 'vertex', 'xai', 'kimi', 'antigravity', 'some-service'].map(
    (name) => knownCredentials([])({ id: name, name, provider: name }),
  );
  fc.assert(
    fc.property(fc.constantFrom(...served), counts, ({ executor, form }, tokens) => {
      const told = peerTokens(tokens, form);
      expect(told.total_tokens).toBe(tokens.input + tokens.output);
      expect({ executor, ...summedByKeeper(executor, told) }).toEqual({
        executor,
        input: tokens.input,
        output: tokens.output,
      });
    }),
  );
});

test('16: what a credential asked by says how its tokens stand, and each form has a name', () => {
  const forms = Object.values(codecs).map(({ usage }) => [
    usage.cacheApart === true,
    usage.reasoningApart === true,
  ]);
  expect(new Set(forms.map(String))).toEqual(new Set(['false,false', 'true,false', 'false,true']));
  const names = ['claude', 'gemini', 'vertex', 'xai', 'codex', 'nobody'].map(
    (name) => knownCredentials([])({ id: name, name, provider: name }).executor,
  );
  expect(names).toEqual([
    'ClaudeExecutor',
    'GeminiExecutor',
    'GeminiVertexExecutor',
    'XAIExecutor',
    'CodexExecutor',
    'OpenAICompatExecutor',
  ]);
});
