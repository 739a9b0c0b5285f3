/** `request-scoped-errors`: the owner's rules for single errors of an upstream. */
import type { ErrorRules } from '../config/pool-keys.ts';

export interface ErrorRule {
  /** Undefined: any status. */
  status: number | undefined;
  /** Texts of which the answer's body must contain one; none matches any body. */
  match: readonly string[];
  /** Patterns of which one must fit. */
  matchRegexp: readonly RegExp[];
  action: ErrorAction;
}

type ErrorAction = ErrorRules[number]['action'];

/** The rules as the configuration writes them. */
export function errorRulesOf(rules: ErrorRules): ErrorRule[] {
  return rules.map((rule) => ({
    status: rule.status,
    match: rule.match,
    matchRegexp: [...rule['match-regexp'], ...rule['match-regexr']].map((pattern) => new RegExp(pattern)),
    action: rule.action,
  }));
}

/** The action of the first matching rule: whether another credential is tried, and whether this one cools down. Undefined when none matches. */
export function ruledAction(
  rules: readonly ErrorRule[],
  status: number,
  body: string,
): { goOn: boolean; coolsDown: boolean } | undefined {
  const rule = rules.find(
    ({ status: wanted, match, matchRegexp }) =>
      (wanted === undefined || wanted === status) &&
      (match.length + matchRegexp.length === 0 ||
        match.some((text) => body.includes(text)) ||
        matchRegexp.some((pattern) => pattern.test(body))),
  );
  if (rule === undefined) return undefined;
  return { goOn: rule.action.startsWith('continue'), coolsDown: rule.action.endsWith('cooldown') };
}
