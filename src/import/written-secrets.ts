/** How imported keys get into the config: in place, or as `${NAME}` with the value in the `.env` file beside it. */
import { type Environment, expandEnvironment } from '../config/environment.ts';
import type { SecretWriting } from './merge.ts';
import type { SecretText } from './plan.ts';

export type SecretPlace = 'file' | 'env';

export interface WrittenSecrets extends SecretWriting {
  /** What must be added to the `.env` file. */
  added: ReadonlyMap<string, string>;
  /** Variables that the config names and that are not set. */
  unset: ReadonlySet<string>;
}

/** `variables`: what `${NAME}` means in the config so far. */
export function writtenSecrets(place: SecretPlace, variables: Environment): WrittenSecrets {
  const added = new Map<string, string>();
  const unset = new Set<string>();
  const valueNow = (name: string): string | undefined => added.get(name) ?? (variables[name] || undefined);
  const reference = (name: string): string => {
    if (valueNow(name) !== undefined) return `\${${name}}`;
    unset.add(name);
    return `\${${name}:-${standIn(name)}}`;
  };

  function freeName(wanted: string, value: string): string {
    const words = wanted
      .toUpperCase()
      .replace(/[^A-Z0-9]+/g, '_')
      .replace(/^(?=\d)|^$/, 'KEY_');
    const base = /_(KEY|TOKEN|SECRET|URL)$/.test(words) ? words : `${words}_API_KEY`;
    for (let count = 1; ; count++) {
      const name = count === 1 ? base : `${base}_${count}`;
      const now = valueNow(name);
      if (now === undefined || now === value) return name;
    }
  }

  function expanded(text: string): string {
    const expansion = expandEnvironment(text, { ...variables, ...Object.fromEntries(added) });
    return expansion.ok ? expansion.text : text;
  }

  function kept(value: string, wanted: string): string {
    const name = freeName(wanted, value);
    if (valueNow(name) === undefined) added.set(name, value);
    return reference(name);
  }

  return {
    added,
    unset,
    written(secret, wanted) {
      if ('variable' in secret) return reference(secret.variable);
      if ('written' in secret) return secret.written;
      const { value } = secret;
      return place === 'env' && fitsEnvFile(value)
        ? kept(value, wanted)
        : value.replaceAll('${', () => '$${');
    },
    hidden(text, wanted) {
      const [, variable] = /^\$\{([A-Za-z_]\w*)\}$/.exec(text) ?? [];
      if (variable !== undefined) return reference(variable);
      return place === 'env' && !text.includes('${') && fitsEnvFile(text) ? kept(text, wanted) : text;
    },
    valueOf(secret: SecretText) {
      if ('written' in secret) return expanded(secret.written);
      return 'value' in secret ? secret.value : (valueNow(secret.variable) ?? standIn(secret.variable));
    },
    expanded,
  };
}

/** A key that no provider takes: the config loads, and the first refusal names what is missing. */
function standIn(name: string): string {
  return `${name}-is-not-set`;
}

/** One line in single quotes is literal. */
function fitsEnvFile(value: string): boolean {
  return !/['\r\n\0]/.test(value);
}

/** The text of the `.env` file with more variables; what it has stays. */
export function withVariables(text: string, added: ReadonlyMap<string, string>): string {
  const lines = [...added].map(([name, value]) => `${name}='${value}'\n`);
  return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${lines.join('')}`;
}
