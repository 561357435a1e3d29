/** Real clients in the terminal: which work, what they do not get, with requirement ids and exchanges. */

import type { Report } from '../core/report.js';
import { clientName, clientVerdict, evidenceOf, isTrouble, remarkable, troubled } from './clients.js';
import type { Paper } from './paper.js';
import { grouped, oneLine } from './text.js';

export function clientLines(report: Report, on: Paper): string[] {
  const { clients = [], run } = report;
  if (clients.length === 0) return [];
  const fails = run.strictClients === true && troubled(report).length > 0;
  const heading = `${on.ink('bold', on.ink(fails ? 'red' : 'cyan', 'CLIENTS'))} ${on.ink('bold', grouped(clients.length))}`;
  return [
    fails ? `${heading}  ${on.ink('dim', 'they fail this run: --strict-clients')}` : heading,
    ...clients.flatMap((standing) => [
      ...on.paragraph(`${clientName(standing)} ${oneLine(clientVerdict(standing), 300)}`, 2),
      ...(standing.recorded ?? []).flatMap(({ requirement, line }) =>
        on.paragraph(`${oneLine(line, 400)} (${oneLine(requirement, 120)})`, 4, 'dim'),
      ),
      ...remarkable(standing).flatMap((probe) => {
        const seen = isTrouble(probe);
        const text = `${probe.title}: ${seen ? '' : 'not observed: '}${oneLine(probe.line, 300)}`;
        return [
          ...on.paragraph(text, 4, seen ? 'plain' : 'dim'),
          ...(seen ? on.paragraph(oneLine(evidenceOf(probe), 400), 6, 'dim') : []),
        ];
      }),
    ]),
  ];
}
