/**
 * The tables, as versions that follow each other: forward only, each with the oldest version of the tables whose replicas may still
 * read and write what it leaves, so that replicas of two versions run side by side during a rolling upgrade.
 */
export interface Migration {
  version: number;
  /** Replicas that know this version of the tables, or a newer one, go on with them. */
  oldestReader: number;
  /** What it is for, in a few words. */
  name: string;
  statements: readonly string[];
}

export const migrations: readonly Migration[] = [
  {
    version: 1,
    oldestReader: 1,
    name: 'accounts',
    statements: [
      `CREATE TABLE cpa_account (
        id text PRIMARY KEY,
        kind text NOT NULL,
        file_name text NOT NULL UNIQUE,
        sealed text NOT NULL,
        version bigint NOT NULL DEFAULT 1,
        fence bigint NOT NULL DEFAULT 0,
        holder text,
        lease_until timestamptz NOT NULL DEFAULT '-infinity',
        spending boolean NOT NULL DEFAULT false,
        journal text,
        updated timestamptz NOT NULL DEFAULT clock_timestamp()
      )`,
      // Digests of the account files that were taken in.
      `CREATE TABLE cpa_taken (digest text PRIMARY KEY, at timestamptz NOT NULL DEFAULT clock_timestamp())`,
      // Leases change no version: only changes that others must read are announced.
      `CREATE FUNCTION cpa_account_changed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          PERFORM pg_notify('cpa_account', coalesce(NEW.file_name, OLD.file_name));
          RETURN NULL;
        END $$`,
      `CREATE TRIGGER cpa_account_changed AFTER INSERT OR DELETE OR UPDATE OF version ON cpa_account
        FOR EACH ROW EXECUTE FUNCTION cpa_account_changed()`,
    ],
  },
  {
    version: 2,
    oldestReader: 1,
    name: 'kept responses',
    statements: [
      // Bodies are text, not jsonb: that refuses U+0000, and sorts members.
      `CREATE TABLE cpa_response (
        id text NOT NULL, client text NOT NULL, previous text, native boolean NOT NULL,
        input text NOT NULL, response text NOT NULL,
        used timestamptz NOT NULL DEFAULT clock_timestamp(), PRIMARY KEY (id, client))`,
      'CREATE INDEX cpa_response_used ON cpa_response (used)',
      `CREATE TABLE cpa_response_item (
        id text NOT NULL, client text NOT NULL, response text NOT NULL, PRIMARY KEY (id, client))`,
      'CREATE INDEX cpa_response_item_response ON cpa_response_item (response, client)',
      // Known for longer than the answers: their provider may keep them for longer.
      `CREATE TABLE cpa_response_owner (
        id text NOT NULL, client text NOT NULL, given timestamptz NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (id, client))`,
      'CREATE INDEX cpa_response_owner_given ON cpa_response_owner (given)',
    ],
  },
  {
    version: 3,
    oldestReader: 1,
    name: 'usage',
    statements: [
      // `tx` is what readers go on from: numbers of rows become visible out of order, transactions are known to have ended.
      `CREATE TABLE cpa_usage_request (
        id text PRIMARY KEY, tx xid8 NOT NULL DEFAULT pg_current_xact_id(), instance text NOT NULL,
        at timestamptz NOT NULL, key text, key_name text, credential text, provider text, model text, asked text,
        status integer NOT NULL, error text, input bigint NOT NULL, cache_read bigint NOT NULL,
        cache_write bigint NOT NULL, reasoning bigint NOT NULL, output bigint NOT NULL, nano bigint,
        billing text, duration double precision NOT NULL, record text NOT NULL)`,
      'CREATE INDEX cpa_usage_request_tx ON cpa_usage_request (tx, id)',
      'CREATE INDEX cpa_usage_request_at ON cpa_usage_request (at)',
      ...(['hour', 'day'] as const).map(
        (step) => `CREATE TABLE cpa_usage_${step} (
          ${step} timestamptz NOT NULL, key text NOT NULL, credential text NOT NULL, provider text NOT NULL,
          model text NOT NULL, requests bigint NOT NULL, failed bigint NOT NULL, input bigint NOT NULL,
          cache_read bigint NOT NULL, cache_write bigint NOT NULL, reasoning bigint NOT NULL, output bigint NOT NULL,
          paid bigint NOT NULL, worth bigint NOT NULL, PRIMARY KEY (${step}, key, credential, provider, model))`,
      ),
    ],
  },
  {
    version: 4,
    oldestReader: 1,
    name: 'configuration',
    statements: [
      // Encrypted as accounts are: there are client keys in it, and keys of providers.
      `CREATE TABLE cpa_config (
        version bigint PRIMARY KEY, sealed text NOT NULL, who text NOT NULL, what text NOT NULL,
        at timestamptz NOT NULL DEFAULT clock_timestamp())`,
    ],
  },
  {
    version: 5,
    oldestReader: 1,
    name: 'budgets',
    statements: [
      `CREATE TABLE cpa_budget (meter text PRIMARY KEY, used bigint NOT NULL, until timestamptz NOT NULL)`,
    ],
  },
  {
    version: 6,
    oldestReader: 1,
    name: 'replicas',
    statements: [
      `CREATE TABLE cpa_replica (
        id text PRIMARY KEY, name text NOT NULL, version text NOT NULL, started timestamptz NOT NULL,
        seen timestamptz NOT NULL DEFAULT clock_timestamp())`,
    ],
  },
  {
    version: 7,
    oldestReader: 1,
    name: 'texts that go by',
    statements: [
      // What a Valkey keeps where there is one: who is signed in to the console, sign-ins under way. Sealed.
      'CREATE TABLE cpa_text (name text PRIMARY KEY, text text NOT NULL, until timestamptz NOT NULL)',
      `CREATE TABLE cpa_text_list (
        list text NOT NULL, name text NOT NULL, until timestamptz NOT NULL, PRIMARY KEY (list, name))`,
    ],
  },
];
