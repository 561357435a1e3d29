/** What one result means for a test: it passes, perhaps with a remark, is skipped with a reason, or fails with this text. */

import type { Report, Result } from '../../core/report.js';
import { oneLine, where } from '../../reporters/text.js';

export type TestOutcome =
  | { kind: 'pass'; remark?: string }
  | { kind: 'skip'; reason: string }
  | { kind: 'fail'; message: string };

/**
 * | verdict | test |
 * |---|---|
 * | pass | passes |
 * | fail | fails, unless the baseline knows it: then it is skipped with the reason of the baseline |
 * | warn | passes with an annotation; with `strict` it fails |
 * | declined, inconclusive, skipped | is skipped with the reason |
 * | error | fails: nothing is known |
 */
export function outcomeOf(result: Result, report: Report): TestOutcome {
  const { verdict } = result;
  if (result.known !== undefined)
    return { kind: 'skip', reason: `known failure: ${oneLine(result.known.reason, 300)}` };
  if (verdict === 'pass') return { kind: 'pass' };
  if (verdict === 'warn' && !report.run.strict) return { kind: 'pass', remark: textOf(result) };
  if (verdict === 'fail' || verdict === 'warn' || verdict === 'error') {
    const cause = report.causes.find(({ requirements }) => requirements.length > 1 && requirements.includes(result.id));
    return { kind: 'fail', message: textOf(result, cause?.title) };
  }
  return { kind: 'skip', reason: `${verdict}: ${oneLine(result.reason, 300) || 'nothing to look at'}` };
}

/** The first finding in full: what is wrong, where, what was expected, what came, and the rule with its source. */
function textOf(result: Result, cause?: string): string {
  const [finding, ...others] = result.findings;
  const rows: [string, string | undefined][] = [
    ['where', finding && where(finding)],
    ['expected', finding && oneLine(finding.expected)],
    ['actual', finding && oneLine(finding.actual)],
    ['cause', cause && oneLine(cause)],
    ['rule', `${oneLine(result.statement)} (${result.level})`],
    ['source', result.source.map(({ title, url }) => oneLine(url === null ? title : `${title} ${url}`)).join('; ')],
    ['more', others.length === 0 ? undefined : `${others.length} more of its kind`],
  ];
  return [
    `${oneLine(finding?.message ?? (result.reason || result.statement))}${result.silent ? ' Silent: the client gets a 2xx and cannot see it.' : ''}`,
    ...rows.flatMap(([label, text]) => (text ? [`  ${label.padEnd(9)} ${text}`] : [])),
  ].join('\n');
}
