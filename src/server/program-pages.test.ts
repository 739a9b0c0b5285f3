import { expect, test } from 'bun:test';
import { releaseProgramPages, unwritten } from './program-pages.ts';

test('code and constants of the program itself are given back, no data and no library', () => {
  const maps = `00200000-01a39000 r--p 00000000 fe:00 6743837                            /opt/a program
01a40000-0684a000 r-xp 01838000 fe:00 6743837                            /opt/a program
06840000-0684a000 r--p 06630000 fe:00 6743837                            /opt/a program
0684a000-0685f000 rw-p 06641000 fe:00 6743837                            /opt/a program
7f0000000000-7f0000001000 r-xp 00000000 fe:00 12                         /usr/lib/libc.so.6
7f0000002000-7f0000003000 r-xp 00000000 00:00 0                          [vdso]
7f0000004000-7f0000005000 rwxp 00000000 00:00 0
`;
  expect(unwritten('/opt/a program', maps)).toEqual([
    { start: 0x00200000, end: 0x01a39000 },
    { start: 0x01a40000, end: 0x0684a000 },
  ]);
});

test('a program goes on running without the pages that it has given back', () => {
  releaseProgramPages();
  expect(JSON.stringify(JSON.parse('{"a":[1,2,{"b":"c"}]}'))).toBe('{"a":[1,2,{"b":"c"}]}');
});
