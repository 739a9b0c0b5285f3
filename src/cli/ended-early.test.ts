import { expect, test } from 'bun:test';

function ran(program: string) {
  const module = JSON.stringify(`${import.meta.dir}/ended-early.ts`);
  const script = `import { failWhenEndedEarly } from ${module}; failWhenEndedEarly(); ${program}`;
  const { exitCode, stderr } = Bun.spawnSync([process.execPath, '-e', script]);
  return { exitCode, said: stderr.toString() };
}

test('a command that waits for what never comes fails, and says so', () => {
  const { exitCode, said } = ran('void (async () => { await new Promise(() => {}); process.exit(0); })()');
  expect(exitCode).toBe(1);
  expect(said).toContain('ended before it was done');
});

test('one that is done ends as it says', () => {
  expect(ran('process.exit(0)')).toEqual({ exitCode: 0, said: '' });
});
