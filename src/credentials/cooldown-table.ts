/** How long a credential cools down after which failure: every number of it, as data, and what may replace them. */

/** What kind of failure an attempt met; the router decides by it. */
export type FailureKind =
  | RuleKind
  /** The request's own fault: no other credential is tried. */
  | 'rejected'
  /** The model gave the answer up: another credential is asked, and none cools down for it. */
  | 'given-up';

/** The failures that put a credential into a cooldown. */
export type RuleKind = (typeof ruleKinds)[number];
export const ruleKinds = ['quota', 'auth', 'billing', 'forbidden', 'model-missing', 'unavailable'] as const;

/** Why a credential is cooling down: after a failure, or because its owner lets it spend no more. */
export type CooldownKind = RuleKind | 'budget';

export interface CooldownRule {
  /** Which answers of an upstream it is for. */
  after: string;
  /** Milliseconds of the first cooldown; doubles with each failure in a row. */
  first: number;
  /** Milliseconds that no cooldown exceeds. */
  longest: number;
  /** What cools down: the credential for the model that was asked for, or for all its models. */
  scope: 'model' | 'account';
  /**
   * Whether a request may still try the credential when nothing else is left. Trying one that could not be reached a
   * moment ago beats refusing; one whose quota is gone is left alone.
   */
  lastResort: boolean;
}

const second = 1000;
const minute = 60 * second;

/** Sources: the quota row is CLIProxyAPI's (`quotaBackoffBase`, `quotaBackoffMax`); the others are ours, short first and growing. */
export const cooldownTable: Readonly<Record<RuleKind, CooldownRule>> = {
  quota: {
    after: '429, or a quota error under another status',
    first: second,
    longest: 30 * minute,
    scope: 'model',
    lastResort: false,
  },
  auth: {
    after: '401, still after the token was renewed',
    first: minute,
    longest: 30 * minute,
    scope: 'account',
    lastResort: false,
  },
  billing: {
    after: '402, or an error about missing credit',
    first: 5 * minute,
    longest: 30 * minute,
    scope: 'account',
    lastResort: false,
  },
  forbidden: {
    after: '403',
    first: minute,
    longest: 30 * minute,
    scope: 'model',
    lastResort: false,
  },
  'model-missing': {
    after: '404',
    first: 10 * second,
    longest: 30 * minute,
    scope: 'model',
    lastResort: true,
  },
  unavailable: {
    after: '408, 409, 5xx, a connection or answer that breaks, a timeout',
    first: second,
    longest: minute,
    scope: 'model',
    lastResort: true,
  },
};

/** Milliseconds for which a provider's own reset time applies; then one request at a time probes whether it is over. */
export const defaultProbe = 30 * minute;

/** A cooldown grows by up to this share, at random, so that credentials that failed together do not come back together. */
export const jitter = 0.2;

/** Replacements for numbers of the table. */
export type CooldownOverrides = Partial<
  Record<RuleKind, { first?: number | undefined; longest?: number | undefined }>
>;

/** The rules that hold for one credential. */
export interface CooldownRules {
  rules: Readonly<Record<RuleKind, CooldownRule>>;
  /** Milliseconds. */
  probe: number;
  /** No failure puts it into a cooldown. */
  disabled: boolean;
}

export const defaultRules: CooldownRules = { rules: cooldownTable, probe: defaultProbe, disabled: false };

/** The table with replacements, each layer over the one before: global, provider, credential. */
export function withOverrides(
  base: CooldownRules,
  ...layers: readonly (CooldownOverrides | undefined)[]
): CooldownRules {
  const rules = { ...base.rules };
  for (const layer of layers) {
    if (layer === undefined) continue;
    for (const kind of ruleKinds) {
      const change = layer[kind];
      if (change === undefined) continue;
      const first = change.first ?? rules[kind].first;
      // A first cooldown over the longest means a longer longest, unless that is set too.
      const longest = change.longest ?? Math.max(rules[kind].longest, first);
      rules[kind] = { ...rules[kind], first, longest };
    }
  }
  return { ...base, rules };
}

/** `transient-error-cooldown-seconds`: 0 keeps the curve of the table, -1 means none, any other number is always that long. */
export function transientOverride(seconds: number): CooldownOverrides | undefined {
  if (seconds === 0) return undefined;
  const fixed = Math.max(0, seconds) * second;
  return { unavailable: { first: fixed, longest: fixed } };
}

/** The table as Markdown, for docs/routing.md. */
export function cooldownMarkdown(): string {
  const lines = ruleKinds.map((kind) => {
    const { after, first, longest, scope, lastResort } = cooldownTable[kind];
    const cells = [
      `\`${kind}\``,
      after,
      spanText(first),
      spanText(longest),
      scope === 'model' ? 'this model' : 'the whole account',
      lastResort ? 'yes' : 'no',
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    '| `cooldown.…` | after | `first` | `longest` | what cools down | tried when no other is left |',
    '|---|---|---|---|---|---|',
    ...lines,
  ].join('\n');
}

/** A span for people: `45s`, `12m`, `1h30m`, `3d4h`; seconds are dropped from an hour on. */
export function spanText(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / second));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return joined(Math.floor(seconds / 60), 'm', seconds % 60, 's');
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 24 * 60) return joined(Math.floor(minutes / 60), 'h', minutes % 60, 'm');
  const hours = Math.ceil(minutes / 60);
  return joined(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

function joined(big: number, bigUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${big}${bigUnit}` : `${big}${bigUnit}${small}${smallUnit}`;
}
