/** docs/management-api.md, but for what is written by hand between its marks. */
import { answerShapes } from '../src/management/answer-shapes.ts';
import { configRefusals, errorCodes } from '../src/management/error-codes.ts';
import { referenceTable } from '../src/management/open-api.ts';
import { jsonSchemaOf } from '../src/management/open-api-schemas.ts';
import { managementRoutes, type RouteDeps } from '../src/management/routes.ts';
import { asArray, asObject } from '../src/protocols/json-members.ts';
import { schemaText } from './schema-text.ts';

const parts: Readonly<Record<string, () => string>> = {
  addresses: () => {
    // Records of routes are made without a look at the gateway: only what they run needs one.
    const noGateway: RouteDeps = JSON.parse('{}');
    return referenceTable(managementRoutes(noGateway));
  },
  answers: answersText,
  errors: errorsText,
};

/** The document with its generated parts as the routes have them; the rest stays. */
export function managementReference(present: string): string {
  return Object.entries(parts).reduce((text, [name, made]) => {
    const begin = `<!-- ${name}: made by npm run docs -->`;
    const before = text.slice(0, text.indexOf(begin) + begin.length);
    const after = text.slice(text.indexOf(`<!-- end of ${name} -->`));
    return `${before}\n\n${made()}\n\n${after}`;
  }, present);
}

/** Each shape with its fields and an example. */
function answersText(): string {
  return Object.entries(answerShapes)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, shape]) => {
      const schema = asObject(JSON.parse(JSON.stringify(jsonSchemaOf(shape))));
      const [example] = asArray(schema?.examples);
      return [
        `### ${name}`,
        '',
        `\`${schemaText(schema)}\``,
        '',
        '```json',
        JSON.stringify(example),
        '```',
      ].join('\n');
    })
    .join('\n\n');
}

function errorsText(): string {
  const each = Object.entries(configRefusals)
    .map(([status, codes]) => `${status} ${codes.map((code) => `\`${code}\``).join(' ')}`)
    .join(', ');
  const rows = Object.entries(errorCodes).map(([code, sentence]) => `| \`${code}\` | ${sentence} |`);
  return [`As each write into the file: ${each}.`, '', '| code | what it says |', '|---|---|', ...rows].join(
    '\n',
  );
}
