/** What a model route leads to, and what it may ask of a request. */
import { dottedPath, type PathSegment } from '../config/problem.ts';
import type { ReasoningAmount } from '../protocols/reasoning.ts';
import type { Candidate, Route } from './catalog.ts';
import type { Credential } from './credential.ts';

/** One model of a model route. */
export interface RouteTarget {
  /** As clients would write it, without a suffix. */
  name: string;
  /** How hard it thinks, whatever the client asks for. */
  amount: ReasoningAmount | undefined;
  /** Longest answer in tokens. */
  maxOutputTokens: number | undefined;
  timeouts: Credential['timeouts'];
}

/** How a route of the catalogue comes of a model route. */
export interface RoutedBy {
  /** Its name in the configuration. */
  name: string;
  /** The name matches many. */
  pattern: boolean;
  /** Those that somebody serves, in their order. */
  targets: readonly RouteTarget[];
  /** The rules that chose them, in words; empty where none did. */
  rules: readonly string[];
  /** Names of the models that it may lead to, by any of its rules. */
  names(): readonly string[];
  /** All candidates that it may lead to, by any of its rules. */
  reachable(): readonly Candidate[];
  /** The route for what a request asks, undefined where none is served; absent where all requests go the same way. */
  choose?(asked: AskedFeatures): Route | undefined;
}

/** What rules may ask of a request; each is found out when it is first asked. */
export interface AskedFeatures {
  /** Of the prompt, estimated. */
  tokens(): number;
  images(): boolean;
  webSearch(): boolean;
  thinking(): boolean;
  background(): boolean;
}

/** A name in `model-routes` that no credential serves. */
export interface MissingTarget {
  route: string;
  name: string;
  /** Its path in the route's entry. */
  at: readonly PathSegment[];
  suggestion: readonly string[];
}

/** The place in the configuration of a name without a credential, and the likely intended one. */
export function missingText({ route, name, at, suggestion }: MissingTarget): string {
  const meant = suggestion.length === 0 ? '' : `; did you mean ${suggestion.join(' or ')}?`;
  return `${dottedPath(['model-routes', route, ...at])}: no credential serves "${name}"${meant}`;
}

/** All candidates that a request for this route may come to. */
export function reachable({ tiers, by }: Route): readonly Candidate[] {
  return by === undefined ? tiers.flat() : by.reachable();
}

/** `gpt-5.6(high)`: a target in words. */
export function targetText({ name, amount }: RouteTarget): string {
  switch (amount?.kind) {
    case undefined:
      return name;
    case 'off':
      return `${name}(none)`;
    case 'auto':
      return `${name}(auto)`;
    case 'effort':
      return `${name}(${amount.effort})`;
    case 'budget':
      return `${name}(${amount.tokens})`;
  }
}
