/** Many targets in one HTML file: a row for each requirement, a column for each target, evidence in every cell. */

import { documentOf, escapeHtml } from './html/document.js';
import { type MatrixEntry, matrixData } from './html/matrix-data.js';
import { matrixScript, style } from './html/page.generated.js';

export type { MatrixEntry } from './html/matrix-data.js';

/** The page, with the targets in the given order. `column`: what a column is. */
export function matrixHtml(entries: readonly MatrixEntry[], column: 'target' | 'client' = 'target'): string {
  const data = { ...matrixData(entries), column };
  const heading = data.targets.map(({ name }) => `<th scope="col"><bdi>${escapeHtml(name)}</bdi></th>`).join('');
  const rows = data.rows.map(({ id, level, cells }) => {
    const words = cells.map(
      (cell) => `<td>${cell === null ? '' : `${cell.silent ? 'silent ' : ''}${cell.verdict}`}</td>`,
    );
    return `<tr><th scope="row"><bdi>${escapeHtml(id)}</bdi></th><td>${level}</td>${words.join('')}</tr>`;
  });
  return documentOf({
    title: `${entries.length} ${column}s · Messages API conformance`,
    style,
    script: matrixScript,
    data,
    sign: '#3b82b2',
    withoutScript: `<h1>Messages API conformance of ${entries.length} ${column}s</h1>
<p>Enable JavaScript to see the evidence and to filter.</p>
<table><thead><tr><th scope="col">Requirement</th><th scope="col">Level</th>${heading}</tr></thead>
<tbody>
${rows.join('\n')}
</tbody></table>`,
  });
}
