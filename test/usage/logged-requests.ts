/** A log of which the lines of requests are kept. */
import { createLog, type Log, type RequestRecord } from '../../src/telemetry/log.ts';

/** `lines`: each request's, by its id, in the order in which they ended. */
export function loggedRequests(): { log: Log; lines: Map<string, RequestRecord> } {
  const lines = new Map<string, RequestRecord>();
  const sink = {
    write(line: string) {
      const record: RequestRecord & { msg: string } = JSON.parse(line);
      if (record.msg === 'request') lines.set(record.id, record);
    },
  };
  return { log: createLog({ level: 'info', format: 'json', sink }), lines };
}
