import { expect, test } from 'bun:test';
import { memoryUpkeep } from './memory-upkeep.ts';

const megabyte = 1024 * 1024;

/** A process whose memory is a number. */
function processOf(resident: number) {
  const deps = { resident, running: 0, collections: 0, shrinkings: 0, look: () => {} };
  const upkeep = memoryUpkeep({
    resident: () => deps.resident,
    running: () => deps.running,
    collect() {
      deps.collections += 1;
      deps.resident = resident;
    },
    shrink() {
      deps.shrinkings += 1;
    },
    every(_, run) {
      deps.look = run;
      return () => {
        deps.look = () => {};
      };
    },
  });
  return { deps, upkeep };
}

test('large bodies are followed by a collection where the process has grown', () => {
  const { deps, upkeep } = processOf(70 * megabyte);
  for (let request = 0; request < 100; request++) upkeep.took(megabyte);
  expect(deps.collections).toBe(0);
  deps.resident += 40 * megabyte;
  for (let request = 0; request < 8; request++) upkeep.took(megabyte);
  expect(deps.collections).toBe(1);
});

test('small bodies are never followed by a collection', () => {
  const { deps, upkeep } = processOf(70 * megabyte);
  deps.resident += 100 * megabyte;
  for (let request = 0; request < 100_000; request++) upkeep.took(1000);
  expect(deps.collections).toBe(0);
});

test('what translations leave behind is collected sooner: it is several times their size', () => {
  const { deps, upkeep } = processOf(70 * megabyte);
  deps.resident += 20 * megabyte;
  for (let body = 0; body < 3; body++) upkeep.translated(megabyte);
  expect(deps.collections).toBe(0);
  upkeep.translated(megabyte);
  expect(deps.collections).toBe(1);
  for (let body = 0; body < 100; body++) upkeep.translated(megabyte);
  expect(deps.collections).toBe(1);
});

test('what a step with a body of megabytes leaves behind is collected before the next, as behind a translation', () => {
  const { deps, upkeep } = processOf(70 * megabyte);
  deps.resident += 20 * megabyte;
  upkeep.between(8 * megabyte);
  expect(deps.collections).toBe(1);
});

test('of a shorter one only where it is much', () => {
  const { deps, upkeep } = processOf(70 * megabyte);
  deps.resident += 20 * megabyte;
  for (let body = 0; body < 100; body++) upkeep.between(megabyte);
  expect(deps.collections).toBe(0);
  deps.resident += 5 * megabyte;
  upkeep.between(megabyte);
  expect(deps.collections).toBe(1);
});

test('what is left when requests cease is collected once', () => {
  const { deps } = processOf(70 * megabyte);
  deps.resident += 50 * megabyte;
  deps.running = 1;
  for (let look = 0; look < 3; look++) deps.look();
  expect(deps.collections).toBe(0);
  deps.running = 0;
  for (let look = 0; look < 3; look++) deps.look();
  expect(deps.collections).toBe(1);
});

test('nothing is collected between two requests of a busy time, nor after the end', () => {
  const { deps, upkeep } = processOf(70 * megabyte);
  for (let look = 0; look < 3; look++) {
    deps.resident += 10 * megabyte;
    deps.look();
  }
  expect(deps.collections).toBe(0);
  upkeep.close();
  deps.look();
  expect(deps.collections).toBe(0);
});

test('compiled code is given back once, after half a minute without a request', () => {
  const { deps } = processOf(70 * megabyte);
  const looks = (count: number): void => {
    for (let look = 0; look < count; look++) deps.look();
  };
  // What only the start needed goes, too.
  looks(20);
  expect(deps.shrinkings).toBe(1);
  deps.running = 1;
  looks(1);
  deps.running = 0;
  looks(5);
  expect(deps.shrinkings).toBe(1);
  looks(20);
  expect(deps.shrinkings).toBe(2);
  deps.running = 1;
  looks(1);
  deps.running = 0;
  looks(20);
  expect(deps.shrinkings).toBe(3);
});

test('large prompts are collected while their answers stream, once no more of them come', () => {
  const { deps, upkeep } = processOf(70 * megabyte);
  deps.running = 4;
  deps.resident += 20 * megabyte;
  for (let request = 0; request < 4; request++) upkeep.took(megabyte);
  deps.look();
  expect(deps.collections).toBe(0);
  deps.look();
  expect(deps.collections).toBe(1);
  deps.resident += 20 * megabyte;
  for (let look = 0; look < 10; look++) deps.look();
  expect(deps.collections).toBe(1);
});

test('compiled code stays while a request comes now and then', () => {
  const { deps, upkeep } = processOf(70 * megabyte);
  for (let look = 0; look < 40; look++) {
    if (look % 4 === 0) upkeep.took(1000);
    deps.look();
  }
  expect(deps.shrinkings).toBe(0);
});
