import { now } from '../clock.ts';
import { clock, fromNow } from '../format.ts';
import { words } from '../language.ts';

export interface ShownCooldown {
  id: string;
  /** Whose it is, or of which model. */
  name: string;
  since: string;
  until: string;
  reason: string;
  href?: string;
  /** Absent where there is nothing to end. */
  end?(): void;
}

/** Cooldowns on one axis of time, from the first beginning to the last end, with the moment that is now, and why each is. */
export function CooldownTimeline({
  cooldowns,
  label,
}: {
  cooldowns: readonly ShownCooldown[];
  label: string;
}) {
  const w = words.value.cooldowns;
  const at = now.value;
  const from = Math.min(at, ...cooldowns.map(({ since }) => Date.parse(since)));
  const to = Math.max(at + 1000, ...cooldowns.map(({ until }) => Date.parse(until)));
  const place = (time: number): number => ((Math.min(to, Math.max(from, time)) - from) / (to - from)) * 100;
  return (
    <ul class="timeline" aria-label={label}>
      {cooldowns.map(({ id, name, since, until, reason, href, end }) => {
        const open = Date.parse(until) > at;
        const [start, stop] = [place(Date.parse(since)), place(Date.parse(until))];
        return (
          <li key={id} class={open ? '' : 'past'}>
            <span class="timeline-name">{href === undefined ? name : <a href={href}>{name}</a>}</span>
            <span class="lane" title={`${clock(since)} – ${clock(until)}`}>
              <span
                class={`span ${open ? 'warn' : 'off'}`}
                style={{ left: `${start}%`, width: `${Math.max(0.6, stop - start)}%` }}
              />
              <span class="now-mark" style={{ left: `${place(at)}%` }} />
            </span>
            <small>{open ? w.ends(fromNow(until, at)) : w.ended(clock(since), clock(until))}</small>
            {open && end !== undefined && (
              <button type="button" onClick={end} aria-label={w.endOf(name)}>
                {words.value.accounts.endCooldown}
              </button>
            )}
            <small class="reason">{reason}</small>
          </li>
        );
      })}
    </ul>
  );
}
