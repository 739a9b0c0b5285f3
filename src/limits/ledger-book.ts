/** Ledgers by whose they are, in memory and in a file that outlasts a restart. */
import { type CounterFile, type CounterFileOptions, createCounterFile } from './counter-file.ts';
import { emptyLedger, type Ledger } from './ledger.ts';

export interface LedgerBook {
  find(id: string): Ledger | undefined;
  /** An empty one where there is none. */
  of(id: string, at: number): Ledger;
  put(id: string, ledger: Ledger): void;
  /** What one has used counts for the other from now on, unless that has a ledger already. */
  move(from: string, to: string): void;
  /** Keeps them in this directory; what has been counted in this run goes before what an earlier one has left there. */
  keepIn(directory: string): Promise<void>;
  close(): Promise<void>;
}

export function createLedgerBook(options: Omit<CounterFileOptions, 'directory' | 'ledgers'>): LedgerBook {
  let ledgers = new Map<string, Ledger>();
  let file: CounterFile | undefined;
  let place: string | undefined;

  function put(id: string, ledger: Ledger): void {
    ledgers.set(id, ledger);
    file?.changed();
  }

  return {
    find: (id) => ledgers.get(id),
    of: (id, at) => ledgers.get(id) ?? emptyLedger(at),
    put,
    move(from, to) {
      const used = ledgers.get(from);
      if (used === undefined || ledgers.has(to)) return;
      ledgers.delete(from);
      put(to, used);
    },
    async keepIn(directory) {
      if (place === directory) return;
      place = directory;
      const opened = createCounterFile({ ...options, directory, ledgers: () => ledgers });
      await file?.close();
      const left = (await opened.load()) ?? [];
      ledgers = new Map([...left, ...ledgers]);
      file = opened;
    },
    close: async () => file?.close(),
  };
}
