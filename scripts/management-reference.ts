/** docs/management-api.md, but for what is written by hand between its marks. */
import { referenceTable } from '../src/management/open-api.ts';
import { managementRoutes, type RouteDeps } from '../src/management/routes.ts';

const marks = { begin: '<!-- addresses: made by npm run docs -->', end: '<!-- end of addresses -->' };

/** The document with its table of addresses as the routes have it; the rest stays. */
export function managementReference(present: string): string {
  // Records of routes are made without a look at the gateway: only what they run needs one.
  const noGateway: RouteDeps = JSON.parse('{}');
  const before = present.slice(0, present.indexOf(marks.begin) + marks.begin.length);
  const after = present.slice(present.indexOf(marks.end));
  return `${before}\n\n${referenceTable(managementRoutes(noGateway))}\n\n${after}`;
}
