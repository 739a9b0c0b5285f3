/** Alerts outlast a restart: what has been alerted is kept in a file beside the accounts, so that nothing is alerted twice. */
import { join } from 'node:path';
import { createStateFile, type StateFile } from '../accounts/state-file.ts';
import { alertKinds } from '../config/alert-keys.ts';
import { asArray, asBoolean, asNumber, asObject, asString, parseJson } from '../protocols/json.ts';
import { type KnownAlert, mostKnown } from './alert-changes.ts';

/** The file's name in `auth-dir`. */
const alertFileName = '.alerts.json';

/** A format of ours; other numbers are of later versions and are left alone. */
const version = 1;

export function createAlertFile(
  directory: string,
  alerts: () => readonly KnownAlert[],
  onProblem: (sentence: string) => void,
): StateFile<KnownAlert[]> {
  return createStateFile({
    path: join(directory, alertFileName),
    subject: 'The alerts',
    parse: parseAlerts,
    text() {
      const known = alerts().map(({ condition, firing, sentAt }) => ({ ...condition, firing, sentAt }));
      return known.length === 0 ? undefined : `${JSON.stringify({ version, alerts: known })}\n`;
    },
    onProblem,
  });
}

/** Reads the file's content; alerts that are not whole are left out. Undefined for anything but this format. */
function parseAlerts(text: string): KnownAlert[] | undefined {
  const value = asObject(parseJson(text));
  if (value?.version !== version) return undefined;
  return asArray(value.alerts)
    .slice(0, mostKnown)
    .flatMap((item) => {
      const fields = asObject(item) ?? {};
      const kind = alertKinds.find((known) => known === fields.kind);
      const subject = asString(fields.subject);
      const message = asString(fields.message);
      const sentAt = asNumber(fields.sentAt);
      if (kind === undefined || subject === undefined || message === undefined || sentAt === undefined)
        return [];
      return [{ condition: { kind, subject, message }, firing: asBoolean(fields.firing) ?? false, sentAt }];
    });
}
