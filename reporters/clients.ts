/** Real clients in words: which work, what they do not get, and where they did not run. Used by every reporter. */

import type { ClientProbe, ClientStanding, Report } from '../core/report.js';

/** Whether a client did not get what the bytes say. */
export const isTrouble = ({ kind }: Pick<ClientProbe, 'kind'>): boolean => kind !== 'same' && kind !== 'not observed';

/** Clients that do not work, or not in every probe. */
export const troubled = ({ clients = [] }: Pick<Report, 'clients'>): ClientStanding[] =>
  clients.filter(({ probes }) => probes.some(isTrouble));

export const clientName = ({ title, version }: Pick<ClientStanding, 'title' | 'version'>): string =>
  `${title} ${version}`.trim();

/** Whether a client got a reply, or failed to: what it makes of a rejection alone does not show that it works. */
export const hasReply = (probes: readonly Pick<ClientProbe, 'probe' | 'kind'>[]): boolean =>
  probes.some(({ probe, kind }) => probe !== 'rejected' && kind !== 'not observed');

/** `works (6 of 6 probes)`, `works, except:`, `does not work:`, `gets no reply:`, `shows nothing:`, or why it was skipped. */
export function clientVerdict({ skipped, probes }: ClientStanding): string {
  if (skipped !== undefined) return `skipped: ${skipped}`;
  const troubles = probes.filter(isTrouble).length;
  const unseen = probes.filter(({ kind }) => kind === 'not observed').length;
  if (troubles > 0) return troubles === probes.length - unseen ? 'does not work:' : 'works, except:';
  if (unseen === probes.length) return 'shows nothing:';
  // A server that rejects everything works with no client.
  if (!hasReply(probes)) return 'gets no reply:';
  return `works (${probes.length - unseen} of ${probes.length} probes)`;
}

/** What to say of single probes: troubles first, then what was not observed. */
export const remarkable = ({ probes }: ClientStanding): ClientProbe[] => [
  ...probes.filter(isTrouble),
  ...probes.filter(({ kind }) => kind === 'not observed'),
];

/** Requirements and exchanges of a trouble in brackets: `stream.tool.concat-json · python/stream-tool/1`. */
export const evidenceOf = (probe: ClientProbe): string =>
  isTrouble(probe)
    ? [probe.violated.join(', ') || 'no requirement is violated here', probe.exchanges.join(', ')]
        .filter((text) => text !== '')
        .join(' · ')
    : '';
