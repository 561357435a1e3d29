/** The summary per profile. */

import { VERDICTS } from '../core/protocol.js';
import type { Report, VerdictCounts } from '../core/report.js';
import { PRESENCE_WORDS } from './outcome.js';
import type { Ink, Paper } from './paper.js';
import { grouped } from './text.js';

const INKS: Readonly<Record<keyof VerdictCounts, Ink>> = {
  pass: 'green',
  fail: 'red',
  warn: 'yellow',
  declined: 'plain',
  inconclusive: 'plain',
  skipped: 'dim',
  error: 'magenta',
};
const ALWAYS: readonly (keyof VerdictCounts)[] = ['pass', 'fail', 'warn'];

/** One row for each profile; columns that are zero everywhere are left out. */
export function profileTable({ profiles, summary }: Report, on: Paper): string[] {
  if (profiles.length === 0) return [];
  const verdicts = VERDICTS.filter((verdict) => ALWAYS.includes(verdict) || summary[verdict] > 0);
  const first = Math.max('profile'.length, 'all'.length, ...profiles.map(({ profile }) => profile.length));
  const widths = verdicts.map((verdict) => Math.max(verdict.length, grouped(summary[verdict]).length) + 2);
  const cells = (counts: VerdictCounts): string =>
    verdicts
      .map((verdict, index) => {
        const number = counts[verdict];
        const text = (number === 0 ? '·' : grouped(number)).padStart(widths[index]!);
        return on.ink(number === 0 ? 'dim' : INKS[verdict], text);
      })
      .join('');
  const rows = profiles.map(
    ({ profile, claimed, counts }) => on.ink(claimed ? 'plain' : 'dim', profile.padEnd(first)) + cells(counts),
  );
  const heading = 'profile'.padEnd(first) + verdicts.map((verdict, index) => verdict.padStart(widths[index]!)).join('');
  const total = profiles.length > 1 ? [`${on.ink('bold', 'all'.padEnd(first))}${cells(summary)}`] : [];
  return [on.ink('dim', heading), ...rows, ...total, ...unclaimed(profiles, on)];
}

function unclaimed(profiles: Report['profiles'], on: Paper): string[] {
  const groups = new Map<string, string[]>();
  for (const { profile, presence } of profiles.filter(({ claimed }) => !claimed)) {
    const known = presence === undefined ? '' : `, ${PRESENCE_WORDS[presence]}`;
    groups.set(known, [...(groups.get(known) ?? []), profile]);
  }
  return [...groups].flatMap(([known, names]) =>
    on.paragraph(`not claimed by the contract${known}: ${names.join(', ')}`, 0, 'dim'),
  );
}
