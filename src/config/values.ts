/** The kinds of value a configuration key can hold, each with the description of what it expects. */
import { isIP } from 'node:net';
import { z } from 'zod';
import { characterPlace } from '../ground/character-place.ts';
import { systemClock } from '../ground/clock.ts';
import { headerName } from '../ground/header-text.ts';
import { isLoopback } from '../ground/loopback.ts';
import { parseDuration, parseSize } from './quantities.ts';

declare module 'zod' {
  interface GlobalMeta {
    /** What belongs here, as the end of "expected …": `a whole number from 0 to 65535`. */
    expects?: string;
    /** The value must never be printed. */
    secret?: boolean;
    /** An empty string is a value here; elsewhere it means "not set". */
    emptyCounts?: boolean;
  }
}

// A file is read once: compiling a parser for each group of keys costs more than all that it would save.
z.config({ jitless: true });

export function text(expects = 'a text') {
  return z.string().min(1).meta({ expects });
}

/** A text that must never be printed. */
export function secret() {
  return z.string().min(1).superRefine(asKey).meta({ expects: 'a key without spaces', secret: true });
}

/** The same, or the empty text for none. */
export function secretOrNone() {
  return z.string().superRefine(asKey).meta({ expects: 'a key without spaces', secret: true });
}

/** A message names only the position of the character, nothing of the key. */
function asKey(value: string, context: z.RefinementCtx): void {
  const found = /[\s\p{Cc}]/u.exec(value);
  if (found === null) return;
  context.addIssue({
    code: 'custom',
    params: {
      sentence: `${characterPlace(value, found)}: a key has neither spaces nor control characters`,
      hint: 'write the key alone, on one line; of several, each is an entry of its own',
    },
  });
}

/** A key, or where it is: `file:PATH`, `keychain:NAME`, `keychain:` for the name that we use there. */
export function encryptionKey() {
  return z
    .string()
    .refine((value) =>
      value.startsWith('keychain:')
        ? /^keychain:\s*\S*$/.test(value)
        : value.startsWith('file:')
          ? /^file:\s*\S/.test(value)
          : /^\S{16,}$/.test(value),
    )
    .transform((value) => value.replace(/^(file|keychain):\s+/, '$1:'))
    .meta({
      expects: 'a key of 16 or more characters without spaces, file:PATH or keychain:NAME',
      secret: true,
    });
}

export function flag() {
  return z.boolean().meta({ expects: 'true or false' });
}

export function wholeNumber(min?: number, max?: number) {
  const range =
    min === undefined
      ? max === undefined
        ? ''
        : ` up to ${max}`
      : max === undefined
        ? `, ${min} or more`
        : ` from ${min} to ${max}`;
  return z
    .int()
    .min(min ?? Number.MIN_SAFE_INTEGER)
    .max(max ?? Number.MAX_SAFE_INTEGER)
    .meta({ expects: `a whole number${range}` });
}

export function oneOf<const Choices extends readonly [string, ...string[]]>(choices: Choices) {
  const quoted = choices.map((choice) => `"${choice}"`);
  const last = quoted.pop();
  return z.enum(choices).meta({ expects: quoted.length ? `${quoted.join(', ')} or ${last}` : `${last}` });
}

/** US dollars, whole or with cents; more than 0 unless 0 is allowed. */
export function dollars(least?: 0) {
  return (least === undefined ? z.number().positive() : z.number().min(least)).meta({
    expects: `an amount of US dollars such as 5 or 2.50${least === undefined ? '' : ', or 0'}`,
  });
}

/** Milliseconds, written as `30s`, `5m`, `1h30m` or plain seconds. */
export function duration() {
  return z
    .union([z.number(), z.string()])
    .transform((value, context) => {
      const milliseconds = parseDuration(value);
      if (milliseconds !== undefined) return milliseconds;
      context.addIssue({ code: 'custom' });
      return z.NEVER;
    })
    .meta({ expects: 'a span of time such as 30s, 5m or 1h' });
}

const dayOnly = /^(\d{4})-(\d{2})-(\d{2})$/;
const dayAndTime = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?$/i;

/** When a written time is, in ms since the epoch: a day alone means its end, both in the computer's own time. */
function parseMoment(written: string): number | undefined {
  const day = dayOnly.exec(written);
  if (day !== null) {
    const [year = 0, month = 0, date = 0] = day.slice(1).map(Number);
    const begins = new Date(year, month - 1, date);
    // The calendar has no 30th of February, and the runtime takes the year 26 for 1926: such a day would silently be another one.
    if (begins.getFullYear() !== year || begins.getMonth() !== month - 1 || begins.getDate() !== date)
      return undefined;
    return new Date(year, month - 1, date + 1).getTime();
  }
  if (!dayAndTime.test(written)) return undefined;
  const time = Date.parse(written.replace(' ', 'T').toUpperCase());
  return Number.isNaN(time) ? undefined : time;
}

/** A time, in ms since the epoch. */
export function moment() {
  return z
    .string()
    .transform((value, context) => {
      const time = parseMoment(value.trim());
      if (time !== undefined) return time;
      context.addIssue({ code: 'custom' });
      return z.NEVER;
    })
    .meta({ expects: 'a day such as 2026-12-31, or a time such as 2026-12-31T18:00:00Z' });
}

/** The first day from which anything here can date, and how far ahead people plan: days beyond are slips of the pen. */
const earliestDay = '2020-01-01';
const yearsAhead = 5;

/** A day of the calendar, `YYYY-MM-DD`, of the years in which something can have changed here or be known to change. */
export function calendarDay() {
  return z
    .string()
    .transform((value, context) => {
      const day = value.trim();
      if (!dayOnly.test(day) || parseMoment(day) === undefined) {
        context.addIssue({ code: 'custom' });
        return z.NEVER;
      }
      const latestYear = new Date(systemClock.now()).getUTCFullYear() + yearsAhead;
      if (day >= earliestDay && Number(day.slice(0, 4)) <= latestYear) return day;
      context.addIssue({
        code: 'custom',
        params: {
          sentence: `expected a day from ${earliestDay} to ${latestYear}-12-31, found "${day}"`,
          hint: 'look at the year: write a day such as 2026-12-31',
        },
      });
      return z.NEVER;
    })
    .meta({ expects: 'a day such as 2026-12-31' });
}

/** Bytes, written as `64MiB`, `10MB` or plain bytes. */
export function size() {
  return z
    .union([z.number(), z.string()])
    .transform((value, context) => {
      const bytes = parseSize(value);
      if (bytes !== undefined && bytes > 0) return bytes;
      context.addIssue({ code: 'custom' });
      return z.NEVER;
    })
    .meta({ expects: 'an amount of bytes such as 64MiB, 10MB or 1048576' });
}

function parsesAsUrl(value: string, protocols: readonly string[]): boolean {
  const url = URL.parse(value);
  return url !== null && url.hostname !== '' && protocols.includes(url.protocol);
}

/** An `http` or `https` address; the output has no slash at its end. */
export function baseUrl() {
  return z
    .string()
    .refine((value) => parsesAsUrl(value, ['http:', 'https:']))
    .transform((value) => value.replace(/\/+$/, ''))
    .meta({ expects: 'an address such as https://api.example.com/v1' });
}

/** The origin of a web page (RFC 6454 §6.1), or `*` for all; in lower case, as browsers send it. */
export function origin() {
  return z
    .string()
    .transform((value) => value.trim().replace(/\/$/, '').toLowerCase())
    .refine((value) => value === '*' || /^[a-z][a-z0-9+.-]*:\/\/[^/\s?#@]+$/.test(value))
    .meta({ expects: 'an origin such as https://chat.example.com, without a path, or "*"' });
}

/** An `https` address, or an `http` one of this computer: tokens go there. The output has no slash at its end. */
export function secureUrl() {
  return baseUrl()
    .superRefine((value, context) => {
      const { protocol, hostname } = new URL(value);
      if (protocol === 'https:' || isLoopback(hostname)) return;
      context.addIssue({
        code: 'custom',
        params: {
          sentence: 'an http address sends tokens in the clear, so it may only be of this computer',
          hint: 'write https://, or an address at localhost or 127.0.0.1',
        },
      });
    })
    .meta({ expects: 'an https address' });
}

const proxySchemes = ['http:', 'https:', 'socks:', 'socks4:', 'socks4a:', 'socks5:', 'socks5h:'];

/** A proxy's address, or `direct` for none; the peer's word `none` becomes `direct`. */
export function proxyUrl() {
  return z
    .string()
    .refine((value) => value === 'direct' || value === 'none' || parsesAsUrl(value, proxySchemes))
    .transform((value) => (value === 'none' ? 'direct' : value))
    .meta({ expects: 'a proxy such as http://host:3128 or socks5://user:pass@host:1080, or "direct"' });
}

/** Characters of a name of a computer: RFC 1035 §2.3.4. */
export const longestHost = 253;

/** An address to listen on; the empty text means every interface, as it does to the peer. */
export function hostName() {
  return z
    .string()
    .transform((value) => (value === '' ? '0.0.0.0' : value.replace(/^\[(.*)\]$/, '$1')))
    .refine((value) => value.length <= longestHost && isHost(value))
    .meta({ expects: 'an address such as 127.0.0.1 or 0.0.0.0, without a port' });
}

/** Digits that are no address are no name either. */
function isHost(value: string): boolean {
  if (/^[\d.]+$/.test(value)) return isIP(value) === 4;
  return value.includes(':') ? isIP(value.replace(/%[\w.-]+$/, '')) === 6 : /^[A-Za-z0-9._-]+$/.test(value);
}

/** One path segment in front of model names; slashes around it are dropped. */
export function prefix() {
  return z
    .string()
    .transform((value) => value.replace(/^\/+|\/+$/g, ''))
    .refine((value) => /^[^/\s]+$/.test(value))
    .meta({ expects: 'one word without a slash inside' });
}

/** HTTP headers by name. */
export function headers() {
  return z
    .record(
      z.string().regex(headerName).meta({ expects: 'a header name' }),
      z.string().superRefine(asHeader).meta({ expects: 'a text on one line', secret: true }),
    )
    .meta({ expects: 'header names and their values' });
}

/** Tabs are the only control characters that a header may contain: RFC 9110 §5.5. */
function asHeader(value: string, context: z.RefinementCtx): void {
  const found = /[^\t\P{Cc}]/u.exec(value);
  if (found === null) return;
  context.addIssue({
    code: 'custom',
    params: {
      sentence: `${characterPlace(value, found)}: a header is one line, without control characters`,
      hint: 'write it on one line; a line end of a file or variable does not belong to it',
    },
  });
}

/** An IP address, or a block of them (RFC 4632). */
export function addressBlock() {
  return z
    .string()
    .refine((value) => {
      const [address = '', bits, ...rest] = value.split('/');
      const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
      return (
        rest.length === 0 && most > 0 && (bits === undefined || (/^\d+$/.test(bits) && Number(bits) <= most))
      );
    })
    .meta({ expects: 'an address such as 10.0.0.1, or a block such as 10.0.0.0/8' });
}

/** A time zone by its name, as the system knows it. */
export function timezone() {
  return z
    .string()
    .refine((name) => {
      try {
        return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
      } catch {
        return false;
      }
    })
    .meta({ expects: 'a time zone such as Europe/Berlin or UTC' });
}

export function listOf<Item extends z.ZodType>(item: Item, of: string) {
  return z.array(item).meta({ expects: `a list of ${of}` });
}

export function mapOf<Item extends z.ZodType>(item: Item, of: string) {
  return z.record(z.string(), item).meta({ expects: of });
}

export function group<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape).meta({ expects: 'keys with values' });
}
