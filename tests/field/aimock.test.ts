/**
 * A server that nobody of this project wrote. Every failure that the suite reports of it was read by hand against the
 * protocol; docs/field-notes.md says why each one is true. A change here is either a change of the server or a bug of ours.
 */

import { readFileSync } from 'node:fs';
import { LLMock } from '@copilotkit/aimock';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../core/report.js';
import { packageFile } from '../../runner/package-files.js';
import { run } from '../../runner/run.js';

const COUNT = Array.from({ length: 40 }, (_, index) => index + 1).join(', ');

const FAILURES = [
  'auth.invalid',
  'auth.missing',
  'err.envelope.type',
  'err.envelope.type-enum',
  'err.validation-status',
  'req.max-tokens.enforced',
  'req.model.unknown',
  'req.stop-sequences.five',
  'req.stop-sequences.six',
  'stop.sequence.reason',
  'stream.usage.cumulative',
  'tc.any',
  'tc.none',
  'tc.tool',
  'usage.input.positive',
  'usage.output.positive',
];

describe('@copilotkit/aimock, told to answer a few prompts', () => {
  const mock = new LLMock({ port: 0 });
  let report: Report;

  beforeAll(async () => {
    mock.onMessage(/single word ok/i, { content: 'ok' });
    mock.onMessage(/Count from 1 to 40/i, { content: COUNT });
    mock.onMessage(/weather/i, { toolCalls: [{ name: 'get_weather', arguments: '{"city":"Paris"}' }] });
    mock.onMessage(/[\s\S]*/, { content: 'Hello! How can I help you today?' });
    await mock.start();
    ({ report } = await run({
      url: mock.url,
      model: 'claude-sonnet-4-5',
      apiKey: 'test-key',
      profiles: ['core', 'tools', 'errors'],
    }));
  });
  afterAll(() => mock.stop());

  it('breaks what the field notes say, and nothing else', () => {
    const failed = report.results.filter(({ verdict }) => verdict === 'fail').map(({ id }) => id);
    expect(failed.sort()).toEqual(FAILURES);
  });

  it('keeps the grammar of streams, the shapes of replies, and calls with their inputs', () => {
    const verdicts = new Map(report.results.map(({ id, verdict }) => [id, verdict]));
    for (const id of [
      'stream.order.message-start-first',
      'stream.frame.event-name',
      'stream.tool.concat-json',
      'resp.type-role',
      'tu.shape',
      'stream.sdk.ts',
    ]) {
      expect(verdicts.get(id), id).toBe('pass');
    }
  });

  it('is not blamed for a model that follows no instruction', () => {
    const steered = report.results.filter(({ id }) =>
      ['req.system.string', 'req.system.array', 'msg.multi-turn', 'tr.string'].includes(id),
    );
    expect(steered.map(({ verdict }) => verdict)).toEqual(steered.map(() => 'inconclusive'));
  });

  it('makes no judge break', () => {
    expect(report.results.filter(({ verdict }) => verdict === 'error')).toEqual([]);
  });

  it.each(FAILURES)('%s is explained in the field notes', (id) => {
    expect(readFileSync(packageFile('docs', 'field-notes.md'), 'utf8')).toContain(`\`${id}\``);
  });
});
