/** What the `code` beside an error means: a program goes by it, a person by `error` and `message`. */

/** Each code of an answer, with its meaning. */
export const errorCodes = {
  address_not_allowed: 'Calls do not go to this address, or not with this token.',
  ambiguous: 'More than one entry matches: specify which.',
  auth_dir_unavailable: 'The `auth-dir` cannot be used: the log has the reason.',
  away: 'What keeps the accounts cannot be reached: try again in a moment.',
  bad_parameter: 'A parameter, or a field of a call, is none that can be used.',
  body_too_large: 'The body is larger than what is taken.',
  busy: 'Another process works on the account.',
  cannot_delete_config: 'The whole configuration is not deleted.',
  completed: 'The sign-in is over already.',
  config_changed: 'The file is no longer the one that `If-Match` names: read it again.',
  config_unreadable: 'The file cannot be read, so it is not written.',
  config_unwritable: 'The file cannot be written.',
  credential_not_found: 'There is no such credential.',
  duplicate: 'Another account file has the same login.',
  encrypted: 'The account file is encrypted with another key.',
  internal_error: 'An internal error of the gateway: the log has the reason.',
  invalid: 'The file is no account.',
  invalid_body: 'The body is not what is taken; `error` names the field.',
  invalid_config:
    'With this change the file would be invalid, so nothing is written; `message` has the reason.',
  invalid_field: 'A field cannot have this value.',
  invalid_file: 'The file cannot be taken, or not deleted.',
  invalid_key: 'A client key is empty.',
  invalid_name: 'The name is none of an account file.',
  invalid_path: 'The path names no place of a configuration.',
  invalid_query: 'The query is not what is taken; `error` names the parameter.',
  invalid_service_account: 'The file is no key of a service account, or Google refuses it.',
  invalid_state: 'This is no state of a sign-in.',
  invalid_strategy: 'There is no such strategy.',
  invalid_yaml: 'The text is no YAML.',
  item_not_found: 'The list has no such entry.',
  key_not_found: 'There is no such key.',
  logging_disabled: 'The log does not go to a file: `logging-to-file`.',
  missing_fields: 'A required parameter is missing.',
  missing_key: 'The request has no management key.',
  missing_parameter: 'A parameter or field is missing; `error` names it.',
  model_not_found: 'No credential serves the model.',
  no_config_file: 'The gateway runs without a file.',
  no_credential: 'There is no credential.',
  no_fields: 'No field is named that is to change.',
  no_model: 'No model is known that the credential serves.',
  not_found: 'There is no such thing.',
  not_here: 'Only available over the control socket, to the commands on this computer.',
  not_local: 'Other computers are not allowed: `remote-management.allow-remote`.',
  not_pending: 'The sign-in does not wait for an answer.',
  not_supported: 'The setting cannot have this value here; `message` has the reason.',
  plugin_not_found: 'This gateway has no plugins.',
  provider_mismatch: 'The sign-in is to another provider.',
  quota_unknown: 'The provider has not reported a quota.',
  read_only_field: 'The field is not written over this API.',
  recording_not_found: 'There is no such recording.',
  recording_under_way: 'There is a recording already.',
  reload_failed: 'The file is written, but could not be put into force.',
  replica_not_found: 'The cluster has no such replica.',
  replica_silent: 'The replica does not answer.',
  request_failed: 'The address did not answer.',
  request_not_found: 'Nothing is remembered of this request.',
  save_failed: 'The account file could not be written.',
  sign_in_failed: 'The provider does not start or complete the sign-in; the text has the reason.',
  token_unavailable: 'The credential has no token now.',
  too_many_calls: 'As many calls run as are made at the same time.',
  too_many_sign_ins: 'As many sign-ins wait as are kept.',
  unknown_channel: 'There is no such kind of account or key.',
  unknown_state: 'There is no such sign-in, or no longer.',
  unreadable: 'The account file cannot be read.',
  unsupported_provider: 'There is no sign-in to this provider.',
  unsupported_version: 'The form of the file is of another version.',
  unwritable: 'The account file cannot be written.',
  usage_disabled: 'Usage is not kept: `usage.enabled`.',
  usage_unavailable: 'What is kept of usage cannot be read now.',
  version_not_found: 'There is no such version of the file.',
  wrong_key: 'The key is not the management key; `Retry-After` has the time of the next attempt.',
} as const satisfies Readonly<Record<string, string>>;

export type ErrorCode = keyof typeof errorCodes;

/** Codes of the errors that a route may answer, by status. */
export type Refusals = Readonly<Record<number, readonly ErrorCode[]>>;

/** Several as one. */
export function refusals(...all: readonly Refusals[]): Refusals {
  const codes: Record<number, ErrorCode[]> = {};
  for (const some of all)
    for (const [status, own] of Object.entries(some))
      codes[Number(status)] = [...new Set([...(codes[Number(status)] ?? []), ...own])];
  return codes;
}

/** Of whatever reads the configuration file. */
export const noFile: Refusals = { 409: ['no_config_file'] };

/** Of every write into it. */
export const configRefusals: Refusals = {
  409: ['no_config_file', 'config_unreadable', 'config_unwritable'],
  412: ['config_changed'],
  422: ['invalid_config'],
  500: ['reload_failed'],
};

/** Where usage is not kept, or cannot be read. */
export const usageRefusals: Refusals = { 404: ['usage_disabled'], 503: ['usage_unavailable'] };

/** Where the directory of the accounts cannot be used. */
export const accountRefusals: Refusals = { 503: ['auth_dir_unavailable'] };

/** Why an account file cannot be read or written. */
export const accountFileRefusals: Refusals = {
  400: ['invalid'],
  404: ['not_found'],
  409: ['busy', 'duplicate'],
  500: ['unreadable', 'encrypted', 'unwritable'],
  503: ['auth_dir_unavailable', 'away'],
};
