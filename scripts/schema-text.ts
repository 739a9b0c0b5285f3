/** A JSON Schema as a line of text for people, in the way in which TypeScript writes types. */

import type { Json, JsonObject } from '../src/protocols/json.ts';
import { asArray, asObject } from '../src/protocols/json-members.ts';

/** `{ files: { name: string, size?: integer }[] }` */
export function schemaText(schema: Json | undefined): string {
  return optionsOf(schema).join(' | ');
}

/** What it may be, each once: several for a union, whatever their texts look like. */
function optionsOf(schema: Json | undefined): string[] {
  const facts = asObject(schema);
  if (facts === undefined) return ['anything'];
  if (facts.const !== undefined) return [JSON.stringify(facts.const)];
  const values = asArray(facts.enum);
  if (values.length > 0) return values.map((value) => JSON.stringify(value));
  const options = [...asArray(facts.anyOf), ...asArray(facts.oneOf)];
  if (options.length > 0) return [...new Set(options.flatMap(optionsOf))];
  switch (facts.type) {
    case 'array': {
      const entries = optionsOf(facts.items);
      return [entries.length > 1 ? `(${entries.join(' | ')})[]` : `${entries.join('')}[]`];
    }
    case 'object':
      return [objectText(facts)];
    case 'string':
      return [facts.format === 'date-time' ? 'time' : 'string'];
    case undefined:
      return ['anything'];
    default:
      return asArray(facts.type).map(String);
  }
}

function objectText({ properties, required, additionalProperties }: JsonObject): string {
  const must = asArray(required);
  const fields = Object.entries(asObject(properties) ?? {}).map(
    ([name, field]) =>
      `${/^\w+$/.test(name) ? name : JSON.stringify(name)}${must.includes(name) ? '' : '?'}: ${schemaText(field)}`,
  );
  // A map, by its names.
  if (fields.length === 0) return `{ [name]: ${schemaText(additionalProperties)} }`;
  return `{ ${[...fields, ...(asObject(additionalProperties) === undefined ? [] : ['…'])].join(', ')} }`;
}
