/** Report files of strangers: what reading and showing them costs grows with their length, not with its square. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { html } from '../../reporters/html.js';
import { matrixHtml } from '../../reporters/html-matrix.js';
import { grouped } from '../../reporters/text.js';
import { command, scratch } from '../support/command.js';
import { sampleReport } from '../support/sample-report.js';

const { folder, remove } = scratch();
afterAll(remove);

const withBody = (body: string, bodyEncoding: 'utf8' | 'base64') => {
  const report = structuredClone(sampleReport());
  for (const { response } of report.exchanges) if (response !== null) Object.assign(response, { body, bodyEncoding });
  return report;
};

describe('a body of', () => {
  // Each would take hours with a quadratic pattern.
  it.each([
    ['padding', `${'='.repeat(2_000_000)}x`, 'base64'],
    ['quotes', '"\\'.repeat(500_000), 'utf8'],
    ['blanks', ' '.repeat(1_000_000), 'utf8'],
    ['line starts', '\u2028 '.repeat(300_000), 'utf8'],
  ] as const)('%s is shown in the time that its length takes', (_name, body, encoding) => {
    const report = withBody(body, encoding);
    expect(html(report)).toContain('</html>');
    expect(matrixHtml([{ name: 'a', report, page: null }])).toContain('</html>');
  });
});

describe('a report file', () => {
  it.each([
    ['that is no end of zeros', '/dev/zero'],
    ['that is a folder', '/'],
  ])('%s is refused', async (_what, file) => {
    const { code, err } = await command(['judge', file], { cwd: folder });
    expect(code).toBe(2);
    expect(err).toMatch(/longer than 64 MiB|none of the formats that judge reads|this is a folder/);
  });

  it.each(['config', 'contract', 'baseline'])('of a %s is bounded too', async (option) => {
    const file = join(folder, `${option}.json`);
    writeFileSync(file, `{"comment":"${'x'.repeat(5_000_000)}"}`);
    const { code, err } = await command(['run', `--${option}`, file], { cwd: folder });
    expect(code).toBe(2);
    expect(err).toContain('longer than 4 MiB');
  });

  it('of 600 brackets is refused, and ends nothing', async () => {
    const file = join(folder, 'deep.json');
    writeFileSync(
      file,
      `{"suite":{"name":"messages-conformance"},"format":1,"x":${'['.repeat(600)}${']'.repeat(600)}}`,
    );
    for (const args of [
      ['judge', file],
      ['matrix', file],
      ['compare', file, file],
    ]) {
      const { code, err } = await command(args, { cwd: folder });
      expect(code, err).toBe(2);
    }
  });
});

describe('numbers', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [1_000, '1,000'],
    [-1_234_567, '-1,234,567'],
    [1.5, '1.5'],
    [1e21, '1e+21'],
  ])('%s is %s', (value, text) => expect(grouped(value)).toBe(text));
});
