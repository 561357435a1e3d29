/** A comparison of two reports as one HTML file. */

import { type Change, type Comparison, hasRegression } from './compare.js';
import { compareData } from './html/compare-data.js';
import { documentOf, escapeHtml, proseHtml } from './html/document.js';
import { compareHeadline } from './html/headline.js';
import { compareScript, style } from './html/page.generated.js';

/** The page. */
export function compareHtml(comparison: Comparison): string {
  const data = compareData(comparison);
  const text = compareHeadline(comparison).text;
  return documentOf({
    title: `${text} · Messages API conformance, compared`,
    style,
    script: compareScript,
    data,
    sign: hasRegression(comparison) || comparison.unjudged !== null ? '#d0342a' : '#2c8a51',
    withoutScript: summary(data, text),
  });
}

function summary(data: Comparison, text: string): string {
  const groups: [string, readonly Change[]][] = [
    ['regression', data.regressions],
    ['known regression', data.knownRegressions],
    ['lost pass', data.lostPasses],
    ['fix', data.fixes],
    ['no longer judged', data.lost],
    ['judged for the first time', data.found],
    ['changed evidence', data.changed],
    ['new', data.added],
    ['gone', data.gone],
  ];
  const cell = (content: string) => `<bdi>${proseHtml(content.slice(0, 300))}</bdi>`;
  const rows = groups.flatMap(([name, changes]) =>
    changes.map(
      ({ id, before, after }) =>
        `<tr><td>${name}</td><th scope="row">${cell(id)}</th><td>${before?.verdict ?? ''}</td><td>${after?.verdict ?? ''}</td><td>${cell((after ?? before)?.reason ?? '')}</td></tr>`,
    ),
  );
  return `<h1>${escapeHtml(text)}</h1>
<p>${cell(data.before.baseUrl)}, ${cell(data.before.startedAt)}, beside ${cell(data.after.baseUrl)}, ${cell(data.after.startedAt)}.</p>
<p>Enable JavaScript to see the evidence and to filter.</p>
<table><thead><tr><th scope="col">Change</th><th scope="col">Requirement</th><th scope="col">Before</th><th scope="col">After</th><th scope="col">Reason</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody></table>`;
}
