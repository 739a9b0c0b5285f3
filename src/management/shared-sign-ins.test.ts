import { expect, test } from 'bun:test';
import { sharedSignIns } from './shared-sign-ins.ts';
import type { Session, SessionState } from './sign-in-sessions.ts';

/** Two replicas over one store; `tick` is one turn of every timer. */
function replicas() {
  const kept = new Map<string, string>();
  const timers = new Set<() => void>();
  const texts = {
    get: async (name: string) => kept.get(name) ?? null,
    put: async (name: string, text: string) => void kept.set(name, text),
  };
  const every = (_: number, run: () => void) => {
    timers.add(run);
    return () => timers.delete(run);
  };
  const tick = async () => {
    for (const run of timers) run();
    await Bun.sleep(0);
  };
  const [one, two] = [sharedSignIns(texts, { every }), sharedSignIns(texts, { every })];
  return { one, two, kept, timers, tick };
}

function begun() {
  const over = Promise.withResolvers<SessionState>();
  const lines: string[] = [];
  const session: Session = {
    kind: 'claude',
    state: 'a-state',
    progress: { kind: 'wait' },
    paste: (line) => void lines.push(line),
    cancel: () => lines.push('cancelled'),
    over: over.promise,
    endedAt: undefined,
  };
  const end = (progress: SessionState) => {
    session.progress = progress;
    over.resolve(progress);
  };
  return { session, lines, end };
}

test('an answer to another replica reaches the one that began it, once', async () => {
  const { one, two, tick } = replicas();
  const { session, lines } = begun();
  await one.share(session);
  const elsewhere = await two.find('a-state');
  expect(elsewhere).toMatchObject({ kind: 'claude', progress: { kind: 'wait' } });
  elsewhere?.paste?.('?code=c');
  await tick();
  await tick();
  expect(lines).toEqual(['?code=c']);
  elsewhere?.cancel();
  await tick();
  expect(lines).toEqual(['?code=c', 'cancelled']);
});

test('what comes of it is known on the other replica, and then nothing looks any more', async () => {
  const { one, two, timers, tick } = replicas();
  const { session, end } = begun();
  await one.share(session);
  const over = (await two.find('a-state'))?.over;
  await tick();
  end({ kind: 'ok', file: 'claude-ada.json' });
  await tick();
  await tick();
  expect(await over).toEqual({ kind: 'ok', file: 'claude-ada.json' });
  expect((await two.find('a-state'))?.progress).toEqual({ kind: 'ok', file: 'claude-ada.json' });
  expect(timers.size).toBe(0);
});

test('a store that was emptied is told again; one of a replica that is gone is unknown', async () => {
  const { one, two, kept, timers, tick } = replicas();
  await one.share(begun().session);
  kept.clear();
  expect(await two.find('a-state')).toBeUndefined();
  await tick();
  const over = (await two.find('a-state'))?.over;
  expect(over).toBeDefined();
  for (const run of [...timers].slice(0, 1)) timers.delete(run);
  kept.clear();
  await tick();
  expect(await over).toMatchObject({ kind: 'error', error: expect.stringContaining('gone') });
});
