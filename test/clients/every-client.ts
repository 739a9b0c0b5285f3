/**
 * `npm run test:clients`: the command-line clients and the client libraries of Python through the gateway, over every
 * upstream protocol. Prints client × feature × upstream, why each failure failed, and the totals; ends with 1 when
 * anything failed. Arguments choose clients by name: `npm run test:clients -- codex anthropic`.
 */
import { startSandbox } from '../../sandbox/start.ts';
import { everyUpstream, modelOver, startTested } from '../gateway-harness.ts';
import { tableOf } from './client-table.ts';
import { askPythonClients } from './python-clients.ts';
import { askRealClients } from './real-clients.ts';

const parts = process.argv.slice(2).map((part) => part.toLowerCase());
const wanted = (name: string): boolean =>
  parts.length === 0 || parts.some((part) => name.toLowerCase().includes(part));

const sandbox = startSandbox({ pace: 0 });
const gateway = await startTested(
  everyUpstream(sandbox.url, (protocol) => [{ name: 'sandbox', alias: modelOver[protocol] }]),
);
try {
  const lines = [
    ...(await askPythonClients(gateway.url, wanted)),
    ...(await askRealClients(gateway.url, sandbox, wanted)),
  ];
  console.log(`\n${tableOf(lines)}`);
  const fine = lines.length > 0 && lines.every(({ problem }) => problem === null);
  process.exitCode = fine ? 0 : 1;
} finally {
  await gateway.stop();
  await sandbox.stop();
}
