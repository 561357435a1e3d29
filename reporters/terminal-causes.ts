/** Causes in the terminal: what several failures have in common, said once, with the one that shows it best. */

import type { Report } from '../core/report.js';
import type { ShownCause } from './causes.js';
import type { Paper } from './paper.js';
import { evidence } from './terminal-result.js';
import { grouped, oneLine } from './text.js';

const IDS = 4;

export function causeLines(
  { cause, results, numbers, fails }: ShownCause,
  index: number,
  report: Report,
  on: Paper,
  verbose: boolean,
): string[] {
  const ids = results.map(({ id }) => oneLine(id, 120));
  const shown = verbose ? ids : ids.slice(0, IDS);
  const more = ids.length - shown.length;
  return [
    ...numbered(index + 1, oneLine(cause.title, 400), on, fails ? 'red' : 'yellow'),
    ...on.labelled('explains', `${numbers}: ${shown.join(', ')}${more > 0 ? ` and ${grouped(more)} more` : ''}`, 4),
    ...evidence(results[0]!, report, on, cause.title),
  ];
}

function numbered(number: number, title: string, on: Paper, ink: 'red' | 'yellow'): string[] {
  return on
    .paragraph(title, 4, 'bold')
    .map((line, index) => (index === 0 ? `  ${on.ink(ink, String(number))} ${line.trimStart()}` : line));
}
