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
      // Leases change no version: only what others must read again is said.
      `CREATE FUNCTION cpa_account_changed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          PERFORM pg_notify('cpa_account', coalesce(NEW.file_name, OLD.file_name));
          RETURN NULL;
        END $$`,
      `CREATE TRIGGER cpa_account_changed AFTER INSERT OR DELETE OR UPDATE OF version ON cpa_account
        FOR EACH ROW EXECUTE FUNCTION cpa_account_changed()`,
    ],
  },
];
