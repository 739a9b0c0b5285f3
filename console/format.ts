/** Figures as people read them. Formatters are made once a language: each costs more than all texts that a list makes of it. */
import { computed } from '@preact/signals';
import { language, words } from './language.ts';

/** The browser's own kind of the language, for clocks and dates: an English of 24 hours where that is usual. */
const locale = computed(
  () =>
    navigator.languages.find((one) => one.split('-')[0] === language.value.split('-')[0]) ?? language.value,
);

/** In English a million is an M: some of its kinds write m, which is a minute or a metre to others. */
const number = computed(
  () =>
    new Intl.NumberFormat(language.value === 'en' ? 'en-US' : locale.value, {
      notation: 'compact',
      maximumFractionDigits: 1,
    }),
);
const share = computed(() => new Intl.NumberFormat(locale.value, { style: 'percent' }));
const relative = computed(
  () => new Intl.RelativeTimeFormat(locale.value, { numeric: 'auto', style: 'short' }),
);

function times(options: Intl.DateTimeFormatOptions): (at: string | number) => string {
  const format = computed(() => new Intl.DateTimeFormat(locale.value, options));
  return (at) => format.value.format(new Date(at));
}

/** Bytes with a unit of which there are a few. */
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const at = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3));
  const amount = value / 1000 ** at;
  return `${amount < 10 && at > 0 ? amount.toFixed(1) : Math.round(amount)} ${units[at]}`;
}

/** A length of time in its two largest units, in seconds. */
export function span(seconds: number): string {
  const { d, h, min, s } = words.value.units;
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), d],
    [Math.floor(seconds / 3600) % 24, h],
    [Math.floor(seconds / 60) % 60, min],
    [Math.floor(seconds) % 60, s],
  ];
  const first = parts.findIndex(([amount]) => amount > 0);
  if (first < 0) return `0 ${s}`;
  return parts
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`)
    .join(' ');
}

export function count(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : number.value.format(value);
}

export function milliseconds(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  if (value < 1000) return `${Math.round(value)} ms`;
  return value < 60_000
    ? `${(value / 1000).toFixed(1)} s`
    : `${Math.floor(value / 60_000)} min ${Math.round((value % 60_000) / 1000)} s`;
}

/** Dollars as decimal text, with as many digits as say something. */
export function dollars(value: string | null | undefined): string {
  if (value === null || value === undefined) return '–';
  const amount = Number(value);
  if (amount === 0) return '$0';
  if (amount < 0.0001) return '< $0.0001';
  return amount < 0.01 ? `$${amount.toFixed(4)}` : `$${amount.toFixed(2)}`;
}

export function percent(part: number): string {
  return share.value.format(part);
}

const toMinutes = { hour: '2-digit', minute: '2-digit' } as const;
const weekday = times({ weekday: 'short', ...toMinutes });
const date = times({ day: 'numeric', month: 'short', ...toMinutes });
const farDate = times({ dateStyle: 'medium', timeStyle: 'short' });

export const clock = times({ ...toMinutes, second: '2-digit' });

const dayOf = (at: string | number): number => new Date(at).setHours(0, 0, 0, 0);

/** The time of today; of another day with that. */
export function timeOfDay(at: string | number): string {
  return dayOf(at) === dayOf(Date.now()) ? clock(at) : dayAndTime(at);
}

/** Without seconds, where they say nothing. */
export const clockShort = times(toMinutes);

/** With its date, for what may be long ago. */
export const dateAndTime = times({ dateStyle: 'medium', timeStyle: 'medium' });

/** When something ends: to the minute, with its day where that is not today. */
export function endTime(at: string | number): string {
  return dayOf(at) === dayOf(Date.now()) ? clockShort(at) : dayAndTime(at);
}

/** The last moment before it: midnight after a day is the end of that day. */
export function lastDayAndTime(until: string | number): string {
  const time = new Date(until).getTime();
  return dayAndTime(dayOf(until) === time ? time - 1 : time);
}

const week = 6 * 24 * 3600_000;
const halfYear = 26 * 7 * 24 * 3600_000;

/** The day of the week; of what is further away the date. */
export function dayAndTime(at: string | number): string {
  const away = Math.abs(new Date(at).getTime() - Date.now());
  return (away < week ? weekday : away < halfYear ? date : farDate)(at);
}

/** "in 5 min", "3 h ago". */
export function fromNow(at: string | number, now = Date.now()): string {
  const seconds = (new Date(at).getTime() - now) / 1000;
  const size = Math.abs(seconds);
  const [divisor, unit] =
    size < 60
      ? ([1, 'second'] as const)
      : size < 3600
        ? ([60, 'minute'] as const)
        : size < 86_400 * 2
          ? ([3600, 'hour'] as const)
          : ([86_400, 'day'] as const);
  // Abbreviations end with a dot, and sentences, too.
  return relative.value.format(Math.round(seconds / divisor), unit).replace(/\.(?= |$)/g, '');
}
