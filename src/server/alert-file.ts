/** Alerts outlast a restart: what has been alerted is kept in a file beside the accounts, so that nothing is alerted twice. */
import { recordFile } from '../accounts/record-file.ts';
import { alertKinds } from '../config/alert-keys.ts';
import { asBoolean, asNumber, asString } from '../protocols/json-members.ts';
import { type KnownAlert, mostKnown } from './alert-changes.ts';

export const createAlertFile = recordFile<KnownAlert>({
  name: '.alerts.json',
  subject: 'The alerts',
  member: 'alerts',
  most: mostKnown,
  written: ({ condition, firing, sentAt }) => ({ ...condition, firing, sentAt }),
  read(fields) {
    const kind = alertKinds.find((known) => known === fields.kind);
    const subject = asString(fields.subject);
    const message = asString(fields.message);
    const sentAt = asNumber(fields.sentAt);
    if (kind === undefined || subject === undefined || message === undefined || sentAt === undefined)
      return undefined;
    return { condition: { kind, subject, message }, firing: asBoolean(fields.firing) ?? false, sentAt };
  },
});
