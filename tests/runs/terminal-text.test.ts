/**
 * What the operators of ten broken targets read in their terminal, as a whole. A text that changes is to be read again as they would:
 * is the cause there, once, in plain words, and does the command show it again? `vitest run tests/runs/terminal-text.test.ts -u` takes it.
 */

import { expect, it } from 'vitest';
import type { Alterations } from '../../reference/stages.js';
import { terminal } from '../../reporters/terminal.js';
import type { RunOptions } from '../../runner/run.js';
import {
  after,
  always,
  at,
  error,
  foreignErrors,
  hiding,
  judged,
  onlyBearer,
  withoutOptionalEndpoints,
  withoutUsage,
} from '../support/broken-targets.js';

/** Each is made anew for each attempt: some count what they are asked. */
const TARGETS: Readonly<Record<string, () => { target: Alterations; options?: RunOptions }>> = {
  'wrong-key': () => ({ target: {}, options: { apiKey: 'a-wrong-key-0123' } }),
  'wrong-base-url': () => ({ target: at(/./, () => Response.json({ detail: 'Not Found' }, { status: 404 })) }),
  'asks-to-wait': () => ({ target: always(() => error(429, 'rate_limit_error', 'Slow down.')) }),
  // Of these profiles nothing is sent beside the rest, so that the first thirty requests are always the same.
  'stops-serving': () => ({
    target: after(30, () => error(503, 'api_error', 'No upstream.')),
    options: { profiles: ['core', 'tools', 'errors'] },
  }),
  'bearer-only': () => ({ target: onlyBearer }),
  'errors-as-502': () => ({ target: hiding(502) }),
  'foreign-errors': () => ({ target: foreignErrors }),
  'no-usage': () => ({ target: withoutUsage }),
  'no-optional-endpoints': () => ({ target: withoutOptionalEndpoints, options: { contract: 'anthropic' } }),
  'drops-tool-choice': () => ({
    target: { prompt: ({ tool_choice: _, ...request }) => request as never },
    options: { profiles: ['tools'] },
  }),
};

// A few verdicts are about time, and a busy machine may leave one open: the text is taken again then.
it.each(Object.entries(TARGETS))('%s', { retry: 2 }, async (name, make) => {
  const { target, options } = make();
  const invocation = {
    program: 'npx messages-conformance',
    options: [
      ['url', 'https://gateway.test'],
      ['model', 'reference-1'],
    ],
  } as const;
  const { report } = await judged(target, { concurrency: 1, invocation, ...options });
  await expect(settled(terminal(report, { width: 100 }))).toMatchFileSnapshot(`texts/${name}.txt`);
});

/** Without what differs from run to run: ports, ids, times, and counts that depend on these. */
const settled = (text: string): string =>
  text
    .replace(/http:\/\/127\.0\.0\.1:\d+/g, 'https://gateway.test')
    .replace(/\b(msg|req|toolu|msgbatch|file)_\w+/g, '$1_…')
    .replace(/^\d+ requests · [\d,]+ tokens in, [\d,]+ out · .*$/m, '… requests · … tokens in, … out · … s')
    .replace(/ {20,}messages-conformance .*$/m, ' messages-conformance')
    .replace(/\d+ bytes?\b|byte [\d,]+/g, 'byte …')
    .replace(/from request \d+ on/g, 'from request … on');
