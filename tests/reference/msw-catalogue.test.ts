import { expect, it } from 'vitest';
import { MSW_SUBJECTS, proveMsw } from '../../mutation/msw.js';
import { FAULTS, VARIANTS } from '../../reference/msw.js';

/** Every so many-th; `npm run proof -- --check` runs all of them. */
const EVERY = 15;
const sample = MSW_SUBJECTS.filter((_, index) => index % EVERY === 0);

it('every fault and variant has the same effect in msw as on a socket', async () => {
  expect(await proveMsw(sample)).toEqual(sample.map((subject) => ({ subject, differences: [] })));
});

it('a different effect is named', async () => {
  const subject = MSW_SUBJECTS.find(({ id }) => id === 'stop-reason-null')!;
  const [{ differences } = { differences: [] }] = await proveMsw([{ ...subject, options: {} }]);
  expect(differences[0]).toMatch(/"stop_reason":null.* instead of .*"stop_reason":"end_turn"/);
});

it('all of them are compared, but for those that need a socket and three', () => {
  const inProcess = [...FAULTS, ...VARIANTS].filter((one) => !one.socket && !('connection' in one && one.connection));
  const compared = new Set(MSW_SUBJECTS.map(({ id }) => id));
  expect(inProcess.filter(({ id }) => !compared.has(id)).map(({ id }) => id)).toEqual([
    'compressed-unlabelled',
    'compression-mislabelled',
    'error-message-compressed',
  ]);
});
