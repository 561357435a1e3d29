import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../core/protocol.js';
import { cleanRows, faultRows, isTouched, killMatrix, matrixText, problems } from '../../mutation/matrix.js';
import { newcomers, undeclared } from '../../mutation/newcomers.js';
import { killPage } from '../../mutation/page.js';
import { isAsDeclared, prove, subjects } from '../../mutation/prove.js';
import type { Trial } from '../../mutation/trial.js';
import { FAULT_FAMILIES, FAULTS, type Fault } from '../../reference/faults/index.js';
import { CATALOGUE } from '../../suites/index.js';

const fault: Fault = {
  id: 'deaf',
  title: 'Nothing | is heard.',
  level: 'MUST',
  reports: ['EV-03', 'EV-99'],
  caughtBy: ['a'],
  alsoFails: { b: 'It hears with the same ear.' },
  alters: {},
};
const families = [{ name: 'ears', title: 'what is heard', faults: [fault] }];
const requirements = CATALOGUE.slice(0, 3).map((one, index) => ({ ...one, id: 'abc'[index]! }));

const trial = (verdicts: Readonly<Record<string, Verdict>>, of: Fault | null = fault): Trial => ({
  fault: of,
  contract: 'anthropic',
  requests: 1,
  verdicts: new Map(Object.entries(verdicts).map(([id, verdict]) => [id, { verdict, reason: `${id} says so` }])),
});
const matrixOf = (...trials: Trial[]) =>
  killMatrix(faultRows(trials, families), cleanRows(trials), families, requirements, { c: 'nothing shows it' });

describe('the kill matrix', () => {
  it.each<[string, Readonly<Record<string, Verdict>>, string[]]>([
    ['as declared', { a: 'fail', b: 'warn', c: 'pass' }, []],
    ['missed', { a: 'pass', b: 'warn' }, ['fault deaf has to be caught by a (pass): a says so']],
    ['only warned of', { a: 'warn', b: 'warn' }, ['fault deaf is of level MUST, and no run fails for it: a (warn)']],
    [
      'with an undeclared victim',
      { a: 'fail', b: 'fail', c: 'error' },
      ['fault deaf also fails c (error), which it does not declare: c says so'],
    ],
    [
      'milder than declared',
      { a: 'fail', b: 'pass' },
      ['fault deaf declares that it also fails b, which does not fail'],
    ],
  ])('of a fault that is %s', (_how, verdicts, expected) => {
    expect(problems(matrixOf(trial(verdicts)))).toEqual(expected);
    const isRight = expected.length === 0 || _how === 'only warned of';
    expect(isAsDeclared(trial(verdicts))).toBe(isRight);
  });

  it('holds the endpoint without faults to be clean', () => {
    expect(problems(matrixOf(trial({ a: 'pass', b: 'skipped' }, null)))).toEqual([]);
    expect(problems(matrixOf(trial({ a: 'warn' }, null)))).toEqual([
      'a (warn) without any fault, under the contract anthropic: a says so',
    ]);
  });

  it('counts by family, and is the same document when it is read back', () => {
    const matrix = matrixOf(trial({ a: 'fail', b: 'warn' }));
    expect(matrix.families).toEqual([
      { name: 'ears', title: 'what is heard', faults: 1, killed: 1, survivors: 0, unseen: 0 },
    ]);
    expect(matrix.requirements.map(({ id, catches, exception }) => [id, catches, exception])).toEqual([
      ['a', ['deaf'], null],
      ['b', [], null],
      ['c', [], 'nothing shows it'],
    ]);
    expect(JSON.parse(matrixText(matrix))).toEqual(matrix);
  });

  it('shows which faults are declared otherwise since it was written', () => {
    const matrix = matrixOf(trial({ a: 'fail', b: 'warn' }));
    const changes: Partial<Fault>[] = [
      { id: 'new' },
      { title: 'It hears badly.' },
      { level: 'SHOULD' },
      { caughtBy: ['a', 'c'] },
      { alsoFails: {} },
      { alsoFails: { b: 'For another reason.' } },
    ];
    expect(isTouched(fault, matrix)).toBe(false);
    for (const change of changes) expect(isTouched({ ...fault, ...change }, matrix), JSON.stringify(change)).toBe(true);
  });

  it('shows which rows have problems, though nothing is declared otherwise', () => {
    expect(isTouched(fault, matrixOf(trial({ a: 'fail', b: 'warn', c: 'fail' })))).toBe(true);
  });

  it('is a page that names what a reader has to doubt', () => {
    const addresses = new Map([['EV-03', 'https://example.com/3']]);
    const page = killPage(matrixOf(trial({ a: 'fail', b: 'warn' })), addresses);
    expect(page).toContain('| ears | 1 / 1 | 0 | 0 |');
    expect(page).toContain(
      '| `deaf` | Nothing \\| is heard. Reported: [EV-03](https://example.com/3), EV-99. | MUST | `a` | `b`: It hears with the same ear. |',
    );
    expect(page).toContain('- `b`: **no reason given**');
    expect(page).toContain('- `c`: nothing shows it');
    expect(killPage(matrixOf(trial({ a: 'pass' })), addresses)).toContain('- `deaf`: missed by `a` (pass)');
  });
});

describe('a proof', () => {
  it('judges the endpoint under each contract, then with each fault', () => {
    const faults = FAULTS.filter(({ contract }) => contract !== undefined);
    expect(subjects(faults).map((subject) => [subject.fault?.id ?? null, subject.contract])).toEqual([
      [null, 'anthropic'],
      [null, 'relax-ai'],
      [null, 'claude-code'],
      ...faults.map(({ id, contract }) => [id, contract]),
    ]);
  });

  it('says of one fault what a run says', async () => {
    const faults = FAULTS.filter(({ id }) => id === 'message-stop-missing');
    const [trial] = await prove(subjects(faults).slice(1), { again: true });
    const rows = faultRows([trial!], FAULT_FAMILIES);
    expect(rows[0]?.killedBy.map(({ requirement }) => requirement)).toEqual(faults[0]?.caughtBy);
    expect(rows[0]?.survives).toBe(false);
  });
});

describe('a requirement that is new', () => {
  it('is one that the matrix does not have', () => {
    const { requirements } = matrixOf(trial({ a: 'fail', b: 'warn' }));
    expect(newcomers([{ id: 'a' }, { id: 'd' }, { id: 'b' }, { id: 'e' }], { requirements })).toEqual(['d', 'e']);
  });

  it('meets every fault, and those that fail it without saying so are named', async () => {
    const ids = ['err.message-names-field'];
    const faults = FAULTS.filter(({ id }) => ['error-message-vague', 'message-stop-missing'].includes(id));
    expect(await undeclared(ids, faults)).toEqual([]);
    const silent = faults.map((one) => ({ ...one, caughtBy: [], alsoFails: {} }));
    expect(await undeclared(ids, silent)).toEqual([
      { fault: 'error-message-vague', requirement: ids[0], reason: expect.stringMatching(/./) },
    ]);
    expect(await undeclared([])).toEqual([]);
  });
});
