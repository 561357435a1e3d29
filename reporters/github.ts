/** Output for a GitHub workflow: annotations and the job summary. */

import { byUrgency, type Report, type Result } from '../core/report.js';
import { explainedIds, type ShownCause, shownCauses } from './causes.js';
import { markdownWithin } from './markdown.js';
import { bytes } from './markdown-text.js';
import type { RenderOptions } from './options.js';
import { isFailing, isUnusable } from './outcome.js';
import { count, oneLine, reproduceLine, where } from './text.js';

/** GitHub shows at most 10 annotations of each kind for one step. */
const SHOWN = 10;

/** GitHub's limit for a job summary is 1 MiB. */
const SUMMARY_BYTES = 1_000_000;

/**
 * Workflow commands, one on each line: errors for failures, warnings for violated SHOULDs, and a notice if there are more. Failures of
 * one cause have one command.
 */
export function annotations(report: Report): string {
  const causes = shownCauses(report);
  const explained = explainedIds(causes);
  const open = byUrgency(report.results).filter(({ id, known }) => known === undefined && !explained.has(id));
  const failing = open.filter((result) => isFailing(report, result));
  const warnings = open.filter((result) => result.verdict === 'warn' && !failing.includes(result));
  const problems = report.baseline?.problems ?? [];
  const errors = [
    ...(isUnusable(report)
      ? [
          command(
            'error',
            'The target cannot be judged',
            `${oneLine(report.diagnosis!.line)}\n${report.diagnosis!.advice}`,
          ),
        ]
      : []),
    ...(report.run.interrupted === null
      ? []
      : [command('error', 'The run ended early', oneLine(report.run.interrupted))]),
    ...problems.map(({ problem, message }) => command('error', `Baseline: ${problem}`, oneLine(message))),
    ...causes.filter(({ fails }) => fails).map((cause) => causeCommand('error', cause)),
    ...failing.map((result) => command('error', title(result), told(result))),
  ];
  const alerts = [
    ...causes.filter(({ fails }) => !fails).map((cause) => causeCommand('warning', cause)),
    ...warnings.map((result) => command('warning', title(result), told(result))),
  ];
  const hidden = Math.max(0, errors.length - SHOWN) + Math.max(0, alerts.length - SHOWN);
  const lines = [
    ...errors.slice(0, SHOWN),
    ...alerts.slice(0, SHOWN),
    ...(hidden === 0 ? [] : [command('notice', report.suite.name, `${count(hidden, 'more finding')} in the report`)]),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** Text for the file that GITHUB_STEP_SUMMARY names. */
export function jobSummary(report: Report, options: RenderOptions = {}): string {
  return markdownWithin(SUMMARY_BYTES, report, options);
}

const IDS = 12;

/** What several failures have in common, with the one that shows it best. */
function causeCommand(kind: 'error' | 'warning', { cause, results, numbers }: ShownCause): string {
  const ids = results.slice(0, IDS).map(({ id }) => oneLine(id, 120));
  const more = results.length - ids.length;
  const list = `explains ${numbers}: ${ids.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return command(kind, cause.title, [list, told(results[0]!)].join('\n'));
}

const title = ({ id, silent }: Result): string => `${oneLine(id, 120)}${silent ? ' (silent)' : ''}`;

function told(result: Result): string {
  const [finding] = result.findings;
  const lines = [oneLine(result.reason || finding?.message || result.statement)];
  if (finding !== undefined)
    lines.push(
      `where: ${where(finding)}`,
      `expected: ${oneLine(finding.expected)}`,
      `actual: ${oneLine(finding.actual)}`,
    );
  return [...lines, ...reproduceLine(result, 'reproduce: ', 600)].join('\n');
}

/** Messages escape `%` and line ends; properties also escape `:` and `,`. Messages end at 4 kB, well below GitHub's limit. */
function command(kind: 'error' | 'warning' | 'notice', name: string, message: string): string {
  const full = escaped(message);
  const short = bytes(full) <= 4_096 ? full : escaped(oneLine(message, 300));
  return `::${kind} title=${escaped(oneLine(name, 200)).replaceAll(':', '%3A').replaceAll(',', '%2C')}::${short}`;
}

const escaped = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
