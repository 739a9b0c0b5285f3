/** How a register of a cooldown travels: the name of its field, and its text, in which the cooldown is called `rest`. */

import type { Cooldown } from '../../credentials/cooldown.ts';
import { ruleKinds } from '../../credentials/cooldown-table.ts';
import type { CooldownName } from '../../credentials/known-states.ts';
import { type Json, parseJson } from '../../protocols/json.ts';
import { asArray, asNumber, asObject, asString } from '../../protocols/json-members.ts';
import type { Register } from './cooldown-registers.ts';
import { isVersion } from './version.ts';

/** A cooldown of the cluster. Credentials are known by what they are, not by their place: another config has other ids. */
export interface SharedCooldown {
  credential: string;
  name: CooldownName;
}

/** The latest time that a date can be: providers may promise any. */
const endOfTime = 8.64e15;

export function cooldownKey({ credential, name }: SharedCooldown): string {
  return JSON.stringify([credential, name.kind, name.model ?? null]);
}

export function registerField({ credential, name }: SharedCooldown, replica: string): string {
  return JSON.stringify([credential, name.kind, name.model ?? null, replica]);
}

export function readField(field: string): (SharedCooldown & { replica: string }) | undefined {
  const [credential, written, model, replica] = asArray(parseJson(field)).map(asString);
  const kind = ruleKinds.find((one) => one === written);
  if (credential === undefined || kind === undefined || replica === undefined) return undefined;
  return { credential, name: { kind, model }, replica };
}

export function registerText({ version, cooldown }: Register): string {
  if (cooldown === undefined) return JSON.stringify({ version });
  const { failures, since, reason } = cooldown;
  const [until, promised] = [cooldown.until, cooldown.promised].map(
    (time) => time && Math.min(time, endOfTime),
  );
  return JSON.stringify({ version, rest: { failures, since, until, promised, reason } });
}

/** Undefined for what is no register, as of a later program. */
export function readRegister(text: string, name: CooldownName): Register | undefined {
  const value = asObject(parseJson(text));
  const version = asString(value?.version);
  if (version === undefined || !isVersion(version)) return undefined;
  if (value?.rest === undefined) return { version, cooldown: undefined };
  const cooldown = readCooldown(value.rest, name);
  return cooldown && { version, cooldown };
}

function readCooldown(value: Json, name: CooldownName): Cooldown | undefined {
  const fields = asObject(value);
  const [since, until] = [asNumber(fields?.since), asNumber(fields?.until)];
  if (fields === undefined || since === undefined || until === undefined) return undefined;
  return {
    ...name,
    failures: Math.max(1, asNumber(fields.failures) ?? 1),
    since,
    until,
    promised: asNumber(fields.promised),
    reason: asString(fields.reason) ?? '',
  };
}
