import { expect, test } from 'bun:test';
import { memoryUpkeep } from './memory-upkeep.ts';

const megabyte = 1024 * 1024;

/** A process whose memory is a number. */
function processOf(resident: number) {
  const world = { resident, running: 0, collections: 0, shrinkings: 0, look: () => {} };
  const upkeep = memoryUpkeep({
    resident: () => world.resident,
    running: () => world.running,
    collect() {
      world.collections += 1;
      world.resident = resident;
    },
    shrink() {
      world.shrinkings += 1;
    },
    every(_, run) {
      world.look = run;
      return () => {
        world.look = () => {};
      };
    },
  });
  return { world, upkeep };
}

test('large bodies are followed by a collection where the process has grown', () => {
  const { world, upkeep } = processOf(70 * megabyte);
  for (let request = 0; request < 100; request++) upkeep.took(megabyte);
  expect(world.collections).toBe(0);
  world.resident += 40 * megabyte;
  for (let request = 0; request < 8; request++) upkeep.took(megabyte);
  expect(world.collections).toBe(1);
});

test('small bodies are never followed by a collection', () => {
  const { world, upkeep } = processOf(70 * megabyte);
  world.resident += 100 * megabyte;
  for (let request = 0; request < 100_000; request++) upkeep.took(1000);
  expect(world.collections).toBe(0);
});

test('what is left when requests cease is collected once', () => {
  const { world } = processOf(70 * megabyte);
  world.resident += 50 * megabyte;
  world.running = 1;
  for (let look = 0; look < 3; look++) world.look();
  expect(world.collections).toBe(0);
  world.running = 0;
  for (let look = 0; look < 3; look++) world.look();
  expect(world.collections).toBe(1);
});

test('nothing is collected between two requests of a busy time, nor after the end', () => {
  const { world, upkeep } = processOf(70 * megabyte);
  for (let look = 0; look < 3; look++) {
    world.resident += 10 * megabyte;
    world.look();
  }
  expect(world.collections).toBe(0);
  upkeep.close();
  world.look();
  expect(world.collections).toBe(0);
});

test('compiled code is given back once, after half a minute without a request', () => {
  const { world } = processOf(70 * megabyte);
  const looks = (count: number): void => {
    for (let look = 0; look < count; look++) world.look();
  };
  // What only the start needed goes, too.
  looks(20);
  expect(world.shrinkings).toBe(1);
  world.running = 1;
  looks(1);
  world.running = 0;
  looks(5);
  expect(world.shrinkings).toBe(1);
  looks(20);
  expect(world.shrinkings).toBe(2);
  world.running = 1;
  looks(1);
  world.running = 0;
  looks(20);
  expect(world.shrinkings).toBe(3);
});

test('large prompts are collected while their answers stream, once no more of them come', () => {
  const { world, upkeep } = processOf(70 * megabyte);
  world.running = 4;
  world.resident += 20 * megabyte;
  for (let request = 0; request < 4; request++) upkeep.took(megabyte);
  world.look();
  expect(world.collections).toBe(0);
  world.look();
  expect(world.collections).toBe(1);
  world.resident += 20 * megabyte;
  for (let look = 0; look < 10; look++) world.look();
  expect(world.collections).toBe(1);
});

test('compiled code stays while a request comes now and then', () => {
  const { world, upkeep } = processOf(70 * megabyte);
  for (let look = 0; look < 40; look++) {
    if (look % 4 === 0) upkeep.took(1000);
    world.look();
  }
  expect(world.shrinkings).toBe(0);
});
