/** A badge for a README: JSON for the endpoint format of shields.io, and an SVG that needs no service. */

import { NOT_QUICK, type Report } from '../core/report.js';
import { jsonText } from './json.js';
import { type Outcome, outcome } from './outcome.js';
import { grouped, oneLine } from './text.js';

const LABEL = 'Messages API';
const COLORS: Readonly<Record<Outcome | 'warned', { name: string; hex: string }>> = {
  passed: { name: 'brightgreen', hex: '#2f7d32' },
  warned: { name: 'yellowgreen', hex: '#6b7a12' },
  failed: { name: 'red', hex: '#b3261e' },
  incomplete: { name: 'lightgrey', hex: '#5f6368' },
  'not-judged': { name: 'lightgrey', hex: '#5f6368' },
};

/** The badge's text (how many of the judged requirements pass) and its color. */
function badge(report: Report): { message: string; color: { name: string; hex: string } } {
  const { summary } = report;
  const result = outcome(report);
  if (summary.executed === 0 || result === 'not-judged') return { message: 'not judged', color: COLORS.incomplete };
  const holds = `${grouped(summary.pass)} of ${grouped(summary.executed)} pass`;
  const message = [
    holds,
    ...(result === 'incomplete' ? ['incomplete'] : []),
    ...(isPart(report) ? ['in part'] : []),
    ...(summary.silent > 0 ? [`${grouped(summary.silent)} silent`] : []),
  ].join(', ');
  const isQualified = summary.warn > 0 || isPart(report);
  return { message, color: COLORS[result === 'passed' && isQualified ? 'warned' : result] };
}

/** Whether the run chose its requirements: a badge is read as the word on the whole target. */
const isPart = ({ run, results }: Report): boolean =>
  run.only.length > 0 || run.skip.length > 0 || results.some(({ reason }) => reason === NOT_QUICK);

/** For `https://img.shields.io/endpoint?url=…`. */
export function badgeJson(report: Report): string {
  const { message, color } = badge(report);
  return `${jsonText({
    schemaVersion: 1,
    label: LABEL,
    message,
    color: color.name,
    ...(color === COLORS.failed ? { isError: true } : {}),
  })}\n`;
}

const HEIGHT = 20;
const PADDING = 7;

/** Two fields side by side. `textLength` fixes the widths, so every font gives the same picture. */
export function badgeSvg(report: Report): string {
  const { message, color } = badge(report);
  const [left, right] = [field(LABEL), field(message)];
  const width = left.width + right.width;
  const name = escaped(`${LABEL}: ${message} (${oneLine(report.suite.name, 60)})`);
  const text = (label: string, from: number, { length }: { length: number }) =>
    `<text x="${from + PADDING}" y="14" textLength="${length}" lengthAdjust="spacingAndGlyphs">${escaped(label)}</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${HEIGHT}" role="img" aria-label="${name}">`,
    `<title>${name}</title>`,
    `<clipPath id="r"><rect width="${width}" height="${HEIGHT}" rx="3"/></clipPath>`,
    '<g clip-path="url(#r)">',
    `<rect width="${left.width}" height="${HEIGHT}" fill="#3c4043"/>`,
    `<rect x="${left.width}" width="${right.width}" height="${HEIGHT}" fill="${color.hex}"/>`,
    '</g>',
    '<g fill="#fff" font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="11">',
    text(LABEL, 0, left),
    text(message, left.width, right),
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

/** Character widths of Verdana at 11 pixels. The text has only words, digits and commas. */
function field(text: string): { width: number; length: number } {
  let length = 0;
  for (const character of text) {
    if (/[ijlI.,']/.test(character)) length += 3.6;
    else if (/[ frt]/.test(character)) length += 4.2;
    else if (/[mwMW]/.test(character)) length += 10.2;
    else if (/[A-Z]/.test(character)) length += 7.6;
    else length += 6.8;
  }
  const rounded = Math.round(length);
  return { width: rounded + 2 * PADDING, length: rounded };
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
