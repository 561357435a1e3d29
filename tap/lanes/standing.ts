/** What the lanes showed, in the form of a report. */

import { readFileSync } from 'node:fs';
import type { ClientProbe, ClientStanding } from '../../core/report.js';
import { packageFile } from '../../runner/package-files.js';
import type { Result } from './compare.js';
import { PROBE_TITLES } from './probes.js';
import type { LaneReport } from './run-lane.js';

/** What the recorded table says: `clients/recorded.json`, written by `npm run client-matrix`. */
export interface RecordedTable {
  clients: Readonly<Record<string, { title: string; version: string }>>;
  /** Each fault with the requirement that it is about, and its effect on each client: `ok`, `s: …`, `T: …` or `F: …`. */
  faults: readonly { fault: string; requirement: string; effects: Readonly<Record<string, string>> }[];
}

export const recordedTable = (): RecordedTable =>
  JSON.parse(readFileSync(packageFile('clients', 'recorded.json'), 'utf8')) as RecordedTable;

/** @param violated Requirements that the target violates, the gravest first. */
export function standingOf(lane: LaneReport, violated: readonly string[]): ClientStanding {
  const { client, title, version, skipped } = lane;
  if (skipped === undefined) return { client, title, version, probes: lane.probes.map(probeOf) };
  const recorded = recordedOf(client, violated, recordedTable());
  return { client, title, version, skipped, ...(recorded.length === 0 ? {} : { recorded }), probes: [] };
}

const probeOf = ({ probe, result, violated, exchanges }: LaneReport['probes'][number]): ClientProbe => ({
  probe,
  title: PROBE_TITLES[probe],
  kind: result.kind,
  line: sentence(result),
  violated,
  exchanges: exchanges.map(({ id }) => id),
});

/** What happened, in one line; empty where the client got what the bytes say. */
export function sentence(result: Result): string {
  switch (result.kind) {
    case 'same':
      return '';
    case 'differs':
      return `${result.field} is ${result.actual}, and the bytes say ${result.expected}`;
    case 'throws':
      return `throws ${result.class}: ${result.message}`;
    case 'falls back':
      return 'sends the request again without stream';
    case 'times out':
      return 'no result within the time';
    case 'not observed':
      return result.reason;
  }
}

/** A line for each violated requirement that a fault of the table is about. */
export function recordedOf(
  client: string,
  violated: readonly string[],
  { clients, faults }: RecordedTable,
): { requirement: string; line: string }[] {
  const known = clients[client];
  if (known === undefined) return [];
  return violated.flatMap((requirement) => {
    const rows = faults.filter((row) => row.requirement === requirement);
    const effects = rows.flatMap(({ fault, effects: { [client]: effect } }) =>
      effect === undefined ? [] : [`with ${fault} ${inWords(effect)}`],
    );
    if (effects.length === 0) return [];
    return [{ requirement, line: `recorded with ${`${known.title} ${known.version}`.trim()}: ${effects.join('; ')}` }];
  });
}

/** `s: text; T: TypeError` in words. */
const inWords = (effect: string): string =>
  effect === 'ok'
    ? 'it works as without'
    : effect
        .split('; ')
        .map((part) =>
          part
            .replace(/^s: /, 'it silently gets another ')
            .replace(/^T: /, 'it throws ')
            .replace(/^F: .*/, 'it sends the request again without stream'),
        )
        .join(', or ');
