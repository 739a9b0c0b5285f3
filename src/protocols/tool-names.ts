/** Tool names and call ids that an upstream refuses, mapped and mapped back. */
import type { LossReport } from './codec.ts';
import type { Tool } from './request.ts';

/** What a protocol accepts as a tool name. */
export interface NameRule {
  maxLength: number;
  /** Matches one character that is not allowed. Must have the `g` flag. */
  forbidden: RegExp;
  /** What the first character must match. */
  first?: RegExp;
}

export interface ToolNames {
  /** The name to send. The same name always gives the same answer. */
  toWire(name: string): string;
  /** The client's name for one of the upstream. Unknown names come back as they are. */
  fromWire(name: string): string;
}

/** A short stable hash (FNV-1a, 32 bit) in base 36. */
export function shortHash(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(36);
}

/** The name in the characters and length of the rule: itself where it keeps to it, else one that its hash keeps apart. */
export function acceptableName(name: string, rule: NameRule): string {
  // What is cut off is not looked at: a name may be as long as a request.
  let wire = name.slice(0, rule.maxLength).replace(rule.forbidden, '_');
  if (rule.first !== undefined && !rule.first.test(wire.charAt(0))) wire = `_${wire}`;
  if (wire === name) return wire;
  // A changed name could meet another tool's; the hash of the original keeps them apart.
  const tail = `_${shortHash(name)}`;
  return `${wire.slice(0, rule.maxLength - tail.length)}${tail}`;
}

/** The mapping for a request's tools. Names that the rule accepts are never changed. */
export function toolNames(tools: readonly Tool[] | undefined, rule: NameRule): ToolNames {
  let originals: Map<string, string> | undefined;
  for (const tool of tools ?? []) {
    const wire = acceptableName(tool.name, rule);
    if (wire !== tool.name) {
      originals ??= new Map();
      originals.set(wire, tool.name);
    }
  }
  return {
    toWire: (name) => acceptableName(name, rule),
    fromWire: (name) => originals?.get(name) ?? name,
  };
}

/** The name of a declared tool as the upstream gets it; `report` gets a change. */
export function declaredName(name: string, names: ToolNames, report: LossReport): string {
  const wire = names.toWire(name);
  if (wire !== name) report('renamed', `tools.${name}`, wire);
  return wire;
}

/** A call id in the characters and length that an upstream accepts; the same id always gives the same answer. */
export function wireCallId(id: string, maxLength: number): string {
  const wire = id.slice(0, maxLength).replace(/[^A-Za-z0-9_-]/g, '_');
  if (wire === id && id.length > 0) return id;
  const tail = `_${shortHash(id)}`;
  return `${wire.slice(0, maxLength - tail.length)}${tail}`;
}
