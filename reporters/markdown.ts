/** The report as a comment on a pull request. */

import { VERDICTS, type Verdict } from '../core/protocol.js';
import { byUrgency, type ClientStanding, type Report, type Result } from '../core/report.js';
import { explainedIds, shownCauses } from './causes.js';
import { clientName, clientVerdict, evidenceOf, remarkable } from './clients.js';
import { code, fenced, inHtml, link, openPage, prose } from './markdown-text.js';
import type { RenderOptions } from './options.js';
import {
  embeddedName,
  isUnusable,
  notOffered,
  OUTCOME_WORDS,
  outcome,
  PRESENCE_WORDS,
  whyIncomplete,
} from './outcome.js';
import { reasonsByVerdict } from './reasons.js';
import { count, duration, grouped, oneLine, where } from './text.js';

/** A GitHub comment holds 65,536 characters; a workflow may add some text around the report. */
const COMMENT_BYTES = 60_000;

/** Reserved for the last lines. */
const RESERVE = 6_000;
const DETAILED = 20;
const FINDINGS = 3;
const CAUSE_IDS = 8;
const REASONS = 12;

/** The report for a comment: failures in full, counts for the rest. */
export function markdown(report: Report, options: RenderOptions = {}): string {
  return markdownWithin(COMMENT_BYTES, report, options);
}

/** The same with another limit in bytes (at least 20,000). The text says how much did not fit. */
export function markdownWithin(limit: number, report: Report, { out }: RenderOptions = {}): string {
  const page = openPage(limit - RESERVE);
  page.block(head(report));
  page.block(table(report));
  const causes = shownCauses(report);
  const inCauses = explainedIds(causes);
  const open = byUrgency(report.results).filter(({ known }) => known === undefined);
  const verdict = (...names: Verdict[]) =>
    open.filter((result) => names.includes(result.verdict) && !inCauses.has(result.id));
  page.blocks(
    'Causes',
    'What several failures have in common.',
    causes.map(({ cause, results, numbers }) =>
      [
        `**${prose(cause.title)}**`,
        `Explains ${numbers}: ${results
          .slice(0, CAUSE_IDS)
          .map(({ id }) => code(id, 120))
          .join(', ')}${results.length > CAUSE_IDS ? ` and ${results.length - CAUSE_IDS} more` : ''}.`,
        detailed(results[0]!),
      ].join('\n\n'),
    ),
  );
  const failures = verdict('fail');
  const detailedOnes = failures.slice(0, DETAILED);
  page.blocks(
    'Silent failures',
    'The response is a 2xx, so the client cannot see the fault.',
    detailedOnes.filter(({ silent }) => silent).map(detailed),
  );
  page.blocks('Failures', '', detailedOnes.filter(({ silent }) => !silent).map(detailed));
  page.bullets('More failures', failures.slice(DETAILED).map(brief));
  const errors = verdict('error');
  page.bullets('Errors', reasons(errors), { number: errors.length });
  page.bullets(
    'Baseline',
    (report.baseline?.problems ?? []).map(({ problem, message }) => `${problem}: ${prose(message)}`),
  );
  page.bullets('Warnings', verdict('warn').map(brief));
  page.bullets('Known failures', report.results.filter(({ known }) => known !== undefined).map(known));
  page.bullets('Clients', (report.clients ?? []).map(client));
  page.bullets(
    'Notes',
    report.notices.map((notice) => prose(notice)),
  );
  const notJudged = verdict('declined', 'inconclusive', 'skipped');
  page.bullets('Not judged', reasons(notJudged), { folded: true, number: notJudged.length });
  return page.close(closing(report, out));
}

const client = (standing: ClientStanding): string =>
  [
    `**${prose(clientName(standing))}** ${prose(clientVerdict(standing))}`,
    ...(standing.recorded ?? []).map(({ requirement, line }) => `${prose(line)} (${code(requirement, 120)})`),
    ...remarkable(standing).map((probe) => prose(`${probe.title}: ${probe.line} ${evidenceOf(probe)}`)),
  ].join('; ');

const SIGNS = { passed: '✅', failed: '❌', incomplete: '⚠️', 'not-judged': '⛔' } as const;

function head(report: Report): string {
  const { suite, target, run } = report;
  const result = outcome(report);
  const name = target.embedded ? embeddedName(target) : code(target.baseUrl, 120);
  const facts = [
    name,
    `model ${code(target.model, 60)}`,
    `contract ${code(target.contract, 40)}`,
    ...(target.apiVersions.length > 0 ? [`version ${code(target.apiVersions.join(', '), 60)}`] : []),
  ];
  const why = whyIncomplete(report);
  const stopped = run.interrupted === null ? '' : `\n\nThe run ended early: ${prose(run.interrupted)}`;
  const advice = isUnusable(report) ? ` ${prose(report.diagnosis!.advice)}` : '';
  const incomplete =
    result === 'passed' || result === 'failed' || why === null || why === run.interrupted
      ? ''
      : `\n\n**${prose(why)}**${advice}`;
  const { judged, total } = report.summary.must;
  const numbers = [
    ...(total === 0 ? [] : [`${grouped(judged)} of ${grouped(total)} required judged`]),
    ...(notOffered(report).length === 0 ? [] : [`not offered: ${notOffered(report).join(', ')}`]),
  ];
  return `## ${SIGNS[result]} ${suite.name}: ${OUTCOME_WORDS[result]}\n\n${[...facts, ...numbers].join(' · ')}${stopped}${incomplete}`;
}

function table({ profiles, summary }: Report): string {
  const verdicts = VERDICTS.filter((verdict) => summary[verdict] > 0 || ['pass', 'fail', 'warn'].includes(verdict));
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const numbers = (counts: Report['summary'] | Report['profiles'][number]['counts']) =>
    verdicts.map((verdict) => (counts[verdict] === 0 ? '·' : grouped(counts[verdict])));
  return [
    row(['profile', ...verdicts]),
    row(['---', ...verdicts.map(() => '--:')]),
    ...profiles.map(({ profile, claimed, presence, counts }) => {
      const remark = claimed ? '' : ` (not claimed${presence === undefined ? '' : `, ${PRESENCE_WORDS[presence]}`})`;
      return row([profile + remark, ...numbers(counts)]);
    }),
    row(['**all**', ...numbers(summary).map((number) => `**${number}**`)]),
  ].join('\n');
}

/** A folded block: id and reason, and inside all the evidence and the command that reproduces it. */
function detailed(result: Result): string {
  const first = result.reason || result.findings[0]?.message || '';
  const findings = result.findings.slice(0, FINDINGS);
  const more = result.findings.length - findings.length;
  const evidence = findings.flatMap((finding) => [
    ...(findings.length > 1 || finding.message !== first ? [oneLine(finding.message, 240)] : []),
    `where     ${where(finding)}`,
    `expected  ${oneLine(finding.expected, 240)}`,
    `actual    ${oneLine(finding.actual, 240)}`,
  ]);
  const links = result.source.slice(0, 3).map(({ title, url }) => link(title, url));
  const incidents = (result.incidents ?? [])
    .slice(0, 3)
    .map(({ server, url, effect }) => `${link(server, url)}: ${prose(effect)}`);
  return [
    `<details><summary><b><code>${inCode(result.id)}</code></b> ${inHtml(first)} <i>${result.level}, ${result.profile}</i></summary>`,
    `**Rule:** ${prose(result.statement)}${links.length > 0 ? ` (${links.join('; ')})` : ''}`,
    ...(result.documented ? [`**Documented by the contract:** ${prose(result.documented)}`] : []),
    ...(result.override
      ? [`**Level:** ${result.override.level} by the contract: ${prose(result.override.reason)}`]
      : []),
    ...(evidence.length > 0 ? [fenced(evidence)] : []),
    ...(more > 0 ? [`…and ${count(more, 'more finding')}.`] : []),
    ...(incidents.length > 0 ? [`**Seen in:** ${incidents.join('; ')}`] : []),
    ...(result.reproduce === '' ? [] : [`**Reproduce:**\n\n${fenced([oneLine(result.reproduce, 600)])}`]),
    '</details>',
  ].join('\n\n');
}

const inCode = (id: string): string => inHtml(id, 120).replace(/^<code>|<\/code>$/g, '');

function brief(result: Result): string {
  const [finding] = result.findings;
  const place = finding === undefined ? '' : ` (${code(where(finding), 120)})`;
  return `${code(result.id, 120)} ${prose(result.reason || finding?.message || result.statement, 200)}${place}`;
}

function known({ id, known }: Result): string {
  const { reason = '', link: url, expires } = known ?? {};
  const until = expires === undefined ? '' : `, until ${prose(expires, 20)}`;
  return `${code(id, 120)} ${prose(reason)}${url === undefined ? '' : `, ${link('tracked', url)}`}${until}`;
}

/** Results grouped by verdict and reason, most frequent first. */
function reasons(results: readonly Result[]): string[] {
  const groups = reasonsByVerdict(results);
  const others = groups.slice(REASONS);
  const hidden = others.reduce((sum, { items }) => sum + items.length, 0);
  return [
    ...groups
      .slice(0, REASONS)
      .map(
        ({ verdict, text, items }) => `${grouped(items.length)} ${verdict}: ${prose(text || 'no reason given', 160)}`,
      ),
    ...(hidden > 0 ? [`${grouped(hidden)} for ${count(others.length, 'other reason')}`] : []),
  ];
}

function closing({ suite, summary }: Report, out: string | undefined): string {
  const facts = [
    count(summary.requests, 'request'),
    `${grouped(summary.inputTokens)} tokens in, ${grouped(summary.outputTokens)} out`,
    duration(summary.durationMs),
    `${suite.name} ${prose(suite.version, 20)}`,
    ...(out === undefined ? [] : [`report in ${code(out, 200)}`]),
  ];
  return `<sub>${facts.join(' · ')}</sub>`;
}
