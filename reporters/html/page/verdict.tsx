import { VERDICTS, type Verdict } from '../../../core/protocol.js';
import type { VerdictCounts } from '../../../core/report.js';
import { number } from './text.js';

/** Verdicts in reading order. */
export const URGENT_FIRST: readonly Verdict[] = [
  'fail',
  'error',
  'warn',
  'inconclusive',
  'declined',
  'skipped',
  'pass',
];

export const EXPLAINED: Readonly<Record<Verdict, string>> = {
  fail: 'The target violates the requirement.',
  error: 'Not judged because of an error of the network or of the suite itself.',
  warn: 'The target violates a SHOULD, or deviates from what its contract documents.',
  inconclusive: 'The model did not produce what the requirement needs, or a control request failed.',
  declined: 'The target rejects it with a documented error. It does not claim it, so this is no failure.',
  skipped: 'Not claimed, not selected, or not observed.',
  pass: 'The target satisfies the requirement.',
};

const SHAPES: Readonly<Record<Verdict, string>> = {
  fail: 'M4.5 4.5l7 7m0-7l-7 7',
  error: 'M8 3.5v5.5m0 2.6v.4',
  warn: 'M8 4v5m0 2.4v.2',
  inconclusive: 'M5.8 6a2.2 2.2 0 1 1 3.3 1.9C8.3 8.4 8 8.8 8 9.6m0 2v.1',
  declined: 'M4.5 8h7',
  skipped: 'M5 11l6-6',
  pass: 'M4.2 8.4l2.6 2.6 5-5.6',
};

/** A verdict with a word and a shape, so that color is not the only sign. */
export function VerdictMark({ verdict, silent }: { verdict: Verdict; silent?: boolean }) {
  return (
    <span class={`verdict ${verdict}`}>
      <Shape verdict={verdict} />
      {verdict}
      {silent && <span class="silent">silent</span>}
    </span>
  );
}

export function Shape({ verdict }: { verdict: Verdict }) {
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true" class={`shape ${verdict}`}>
      <circle cx="8" cy="8" r="7.25" />
      <path d={SHAPES[verdict]} />
    </svg>
  );
}

/** Counts as a stacked bar. */
export function CountBar({ counts, label }: { counts: VerdictCounts; label: string }) {
  const parts = URGENT_FIRST.filter((verdict) => counts[verdict] > 0);
  const words = parts.map((verdict) => `${number(counts[verdict])} ${verdict}`).join(', ');
  return (
    <div class="bar" role="img" aria-label={`${label}: ${words || 'nothing'}`}>
      {parts.map((verdict) => (
        <i
          key={verdict}
          class={verdict}
          style={{ flexGrow: counts[verdict] }}
          title={`${counts[verdict]} ${verdict}`}
        />
      ))}
    </div>
  );
}

export const totalOf = (counts: VerdictCounts): number => VERDICTS.reduce((sum, verdict) => sum + counts[verdict], 0);
