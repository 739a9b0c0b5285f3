/** Keys and headers with characters that HTTP headers cannot carry, so that they could never be sent. */
import { characterPlace } from '../ground/character-place.ts';
import { noHeaderText } from '../ground/header-text.ts';
import { keyLists } from '../providers/registry.ts';
import { isHashedKey } from './hashed-key.ts';
import { type ConfigWarning, type PathSegment, shownPath } from './problem.ts';
import type { ClientKey, Config } from './schema.ts';
import type { YamlDocument } from './yaml-document.ts';

type Path = readonly PathSegment[];

/** RFC 9110 §5.5: what has to be read everywhere is visible ASCII; other bytes each program reads in its own way, or refuses. */
const notAscii = /[^\x21-\x7e]/u;

interface Unsendable {
  path: Path;
  message: string;
  hint: string;
}

export function unsendableKeyWarnings(config: Config, file: string, document: YamlDocument): ConfigWarning[] {
  return unsendable(config).map(({ path, message, hint }) => ({
    ...{ file, ...document.position(path, 'value'), key: shownPath(path), message, hint },
  }));
}

/** The same of a client key, or one of the management API, from elsewhere than the file. */
export function unsendableKey(key: string): Pick<ConfigWarning, 'message' | 'hint'> | undefined {
  const found = notAscii.exec(key);
  return found === null
    ? undefined
    : { message: `${characterPlace(key, found)}, ${toGateway}`, hint: ownKey };
}

const toGateway =
  'which programs cannot put into a header, or each in another way: most that send this key are refused';
const ownKey = 'use letters, digits and signs of ASCII alone: openssl rand -hex 32 makes a good key';
const toProvider =
  'and keys of providers are ASCII: it was mistyped, or something invisible was copied with it';
const providersKey = 'copy the key anew from the page of its provider';

function unsendable(config: Config): Unsendable[] {
  const { 'secret-key': managementKey } = config['remote-management'];
  const { token } = config.metrics;
  return [
    ...config['api-keys'].flatMap((entry, index) => ofClientKey(entry, ['api-keys', index])),
    ...(managementKey === undefined || isHashedKey(managementKey)
      ? []
      : ofKey(managementKey, ['remote-management', 'secret-key'], toGateway, ownKey)),
    ...(token === undefined ? [] : ofKey(token, ['metrics', 'token'], toGateway, ownKey)),
    ...keyLists.flatMap(([list]) =>
      config[list].flatMap((entry, index) => [
        ...ofKey(entry['api-key'], [list, index, 'api-key'], toProvider, providersKey),
        ...ofHeaders(entry.headers, [list, index, 'headers']),
      ]),
    ),
    ...config['openai-compatibility'].flatMap((entry, index) => {
      const path = ['openai-compatibility', index];
      return [
        ...ofKey(entry['api-key'] ?? '', [...path, 'api-key'], toProvider, providersKey),
        ...entry['api-key-entries'].flatMap((key, at) =>
          ofKey(key['api-key'], [...path, 'api-key-entries', at, 'api-key'], toProvider, providersKey),
        ),
        ...ofHeaders(entry.headers, [...path, 'headers']),
      ];
    }),
    ...ofHeaders(config.alerts.headers, ['alerts', 'headers']),
    ...ofHeaders(config.tracing.headers, ['tracing', 'headers']),
  ];
}

function ofClientKey({ key, previous }: ClientKey, path: Path): Unsendable[] {
  return [
    ...ofKey(key, path, toGateway, ownKey),
    ...(previous === undefined ? [] : ofKey(previous.key, [...path, 'previous-key'], toGateway, ownKey)),
  ];
}

function ofKey(key: string, path: Path, consequence: string, hint: string): Unsendable[] {
  const found = notAscii.exec(key);
  return found === null ? [] : [{ path, message: `${characterPlace(key, found)}, ${consequence}`, hint }];
}

/** Latin-1 is carried, a byte a character. */
function ofHeaders(headers: Readonly<Record<string, string>>, path: Path): Unsendable[] {
  return Object.entries(headers).flatMap(([name, value]) => {
    const found = noHeaderText.exec(value);
    if (found === null) return [];
    return [
      {
        path: [...path, name],
        message: `${characterPlace(value, found)}, which no HTTP header can carry: no request with it can be sent`,
        hint: 'write it in ASCII, percent-encoded where the other side reads that',
      },
    ];
  });
}
