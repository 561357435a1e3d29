/** The report as one self-contained HTML file. */

import { byUrgency, type Report } from '../core/report.js';
import { shownCauses } from './causes.js';
import { clientName, clientVerdict, evidenceOf, remarkable } from './clients.js';
import { MAX_BODIES, pageData } from './html/data.js';
import { type Document, documentOf, escapeHtml, piecesOf, proseHtml } from './html/document.js';
import { headline, standing } from './html/headline.js';
import { reportScript, style } from './html/page.generated.js';

const SIGNS = { fail: '#d0342a', error: '#9a3aa3', warn: '#b86e00', pass: '#2c8a51' };

/** The page. It shortens bodies that are too long for a browser. */
export const html = (report: Report): string => documentOf(pageOf(report));

export const htmlPieces = (report: Report) => piecesOf(pageOf(report));

function pageOf(report: Report): Document {
  // The page of a gateway has both sides of each exchange, and few of them matter.
  const data = pageData(report, report.target.upstream === undefined ? MAX_BODIES : MAX_BODIES / 2);
  const { tone, text } = headline(report);
  return {
    title: `${text} · ${oneLine(data.target.baseUrl)} · Messages API conformance`,
    style,
    script: reportScript,
    data,
    sign: SIGNS[tone],
    withoutScript: summary(report, text),
  };
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').slice(0, 200);

const cell = (text: string | number, limit = 300): string =>
  `<bdi>${proseHtml(String(text).length > limit ? `${String(text).slice(0, limit)}…` : String(text))}</bdi>`;

function summary(report: Report, text: string): string {
  const { target, summary: sum, run } = report;
  const counts = ['fail', 'error', 'warn', 'inconclusive', 'declined', 'skipped', 'pass'] as const;
  const rows = byUrgency(report.results).map(
    (result) =>
      `<tr><td>${result.verdict}${result.silent ? ', silent' : ''}${result.known ? ', known' : ''}</td><th scope="row">${cell(result.id)}</th><td>${result.level}</td><td>${cell(result.statement)}${result.reason ? `<br>${cell(result.reason)}` : ''}</td></tr>`,
  );
  const why =
    report.diagnosis === null ? '' : `<p>${cell(`${report.diagnosis.line} ${report.diagnosis.advice}`, 1_000)}</p>\n`;
  const causes = shownCauses(report).map(
    ({ cause, numbers }) => `<li>${cell(cause.title)} It explains ${escapeHtml(numbers)}.</li>`,
  );
  const clients = (report.clients ?? []).map(
    (standing) =>
      `<li>${cell(`${clientName(standing)} ${clientVerdict(standing)}`)} ${remarkable(standing)
        .map((probe) => cell(`${probe.title}: ${probe.line} ${evidenceOf(probe)}`))
        .join('; ')}</li>`,
  );
  return `<h1>${cell(target.baseUrl)}</h1>
<p><b>${escapeHtml(text)}</b></p>
<p>${escapeHtml(standing(report).join(' · '))}</p>
${why}${causes.length === 0 ? '' : `<ul>${causes.join('')}</ul>\n`}<p>Model ${cell(target.model)}, contract ${cell(target.contract)}, started ${cell(run.startedAt)}, ${sum.requests} requests. ${counts
    .map((name) => `${sum[name]} ${name}`)
    .join(', ')}.</p>
${clients.length === 0 ? '' : `<h2>Clients</h2>\n<ul>${clients.join('')}</ul>\n`}<p>Enable JavaScript to see evidence and timelines and to filter.</p>
<table><thead><tr><th scope="col">Verdict</th><th scope="col">Id</th><th scope="col">Level</th><th scope="col">Requirement</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody></table>`;
}
