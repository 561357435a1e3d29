import { describe, expect, it } from 'vitest';
import { DIALECTS } from '../../gateway/dialects/index.js';
import {
  cleanGateway,
  fastTime,
  judgeGatewayFault,
  missedIn,
  proveGateway,
  redIn,
} from '../../mutation/gateway/prove.js';
import { GATEWAY_SUBJECTS } from '../../mutation/gateway/subjects.js';
import { GATEWAY_FAULTS } from '../../reference/gateway/faults/index.js';
import { idsWith, judgedGateway, reasons } from './support.js';

/** It waits for 16 seconds. */
const SLOW = 'gw.stream.silence';

/** Every so many-th fault, of which each stands for its neighbours; no multiple of the number of APIs, so that each has its turn. */
const EVERY = 10;
/** What is about a client that leaves is always tried. */
const ALWAYS = /hang-up/;

/** One API for each fault, the possible ones in turn. `npm run proof -- --check` runs all faults with all of them. */
const SUBJECTS = GATEWAY_FAULTS.flatMap((fault, index) => {
  const possible = GATEWAY_SUBJECTS.filter((subject) => subject.fault === fault);
  const isTried = index % EVERY === 0 || ALWAYS.test(fault.id);
  return isTried ? [possible[index % possible.length]!] : [];
});

const NAMES = DIALECTS.map(({ name }) => name);

describe.each(NAMES)('a gateway whose upstream speaks %s', (speaks) => {
  it('passes everything without faults', async () => {
    const report = await cleanGateway(speaks);
    expect(reasons(report)).toEqual([]);
    expect(report.diagnosis).toBeNull();
    expect(report.summary.must.judged).toBe(report.summary.must.total);
    expect(idsWith(report, 'pass').length).toBeGreaterThan(100);
  });
});

// Side by side: most of them wait more than they compute.
describe.concurrent.each(NAMES)('a gateway whose upstream speaks %s', (speaks) => {
  it('passes what takes long', async () => {
    const report = await judgedGateway({ speaks, thorough: true, only: [SLOW], timeoutSeconds: 60, ...fastTime() });
    expect(idsWith(report, 'pass')).toEqual([SLOW]);
  });

  const subjects = SUBJECTS.filter((subject) => subject.speaks === speaks);
  // A few verdicts are about time, and those are taken again.
  const named = subjects.map((subject) => [subject.fault.id, subject] as const);
  it.each(named)('%s is caught', { retry: 1 }, async (_id, subject) => {
    const report = await judgeGatewayFault(subject);
    expect(missedIn(report, subject), JSON.stringify(report.results.map(({ reason }) => reason))).toEqual([]);
  });
});

describe('the proof of gateways', () => {
  const ASKS_TWICE = GATEWAY_SUBJECTS.filter(({ fault }) => fault.id === 'gw-asks-twice');

  it('has every fault, and the sample every API', () => {
    expect(new Set(GATEWAY_SUBJECTS.map(({ fault }) => fault.id))).toEqual(new Set(GATEWAY_FAULTS.map(({ id }) => id)));
    for (const { name } of DIALECTS)
      expect(SUBJECTS.filter(({ speaks }) => speaks === name).length, name).toBeGreaterThan(5);
  });

  it('runs a fault with every API with which it can happen', async () => {
    const trials = await proveGateway(ASKS_TWICE);
    expect(trials).toEqual(DIALECTS.map(({ name }) => ({ speaks: name, fault: 'gw-asks-twice', missed: [] })));
  });

  it('names what a fault is not caught by', async () => {
    const subject = ASKS_TWICE.find(({ speaks }) => speaks === 'openai-chat');
    const report = await judgeGatewayFault(subject!);
    expect(redIn(report)).toEqual(['gw.request.once']);
    expect(missedIn(report, { ...subject!, caughtBy: ['gw.request.once', 'gw.answer.text'] })).toEqual([
      'gw.answer.text',
    ]);
  });
});
