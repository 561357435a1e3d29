/** The usual report, made of recorded traffic. */

import { answer, isMessagesCall } from '../../core/answers.js';
import { PROFILES } from '../../core/protocol.js';
import { type Diagnosis, REPORT_FORMAT, type Report } from '../../core/report.js';
import { count } from '../../reporters/text.js';
import { causesOf } from '../../runner/judge/causes/causes.js';
import { share } from '../../runner/judge/causes/scene.js';
import { coverageOf } from '../../runner/judge/coverage.js';
import { packageVersion } from '../../runner/package-files.js';
import { OBSERVED } from '../../runner/plan/observed.js';
import { readExchange } from '../../runner/read/read.js';
import { fitted } from '../../runner/report/fit.js';
import { forReport, resultOf } from '../../runner/report/report-of.js';
import { reproduceCommand } from '../../runner/report/reproduce.js';
import { countOf, summaryOf } from '../../runner/report/summary.js';
import { publishedSchema } from '../../runner/schema-location.js';
import { OBSERVED_SUITES } from '../../suites/catalogue/observed.js';
import type { TrafficJudge } from './traffic-judge.js';

export interface RecordingFacts {
  /** Base URL of the server; empty when the record does not say it. */
  baseUrl: string;
  /** Stands for the server where its base URL is not known. */
  name?: string;
  /** What the user typed to start the suite. */
  program?: string;
  startedAt: Date;
  durationMs: number;
  strict: boolean;
  /** Where the traffic comes from, in one line: what was recorded, and what the record lacks. */
  notices: readonly string[];
}

/** Why the traffic says nothing of its server: not one request for a message was answered. `null` where one was, or none was sent. */
function whyNothing({ counts: { asked, unserved }, kept: { exchanges } }: TrafficJudge): Diagnosis | null {
  if (asked === 0 || unserved < asked) return null;
  const last = exchanges.map(readExchange).findLast(isMessagesCall);
  const seen = last === undefined ? '' : `, the last one: ${answer(last)}`;
  return {
    kind: 'down',
    line: `No request for a message was answered, ${share(unserved, asked, 'requests')}${seen}.`,
    advice: 'Check that the server is up, and record again.',
    tried: [],
  };
}

export function trafficReport(judge: TrafficJudge, facts: RecordingFacts): Report {
  const { contract, model, counts } = judge;
  const recorded = judge.kept.exchanges;
  const exchanges = recorded.map(readExchange);
  const judged = judge.verdicts();
  const isComplete = recorded.every(({ lacks }) => lacks === undefined);
  const byId = new Map(exchanges.map((exchange) => [exchange.id, exchange]));
  const invocation = {
    program: facts.program ?? 'npx messages-conformance',
    options: [
      ...(facts.baseUrl === '' ? [] : [['url', facts.baseUrl] as const]),
      ...(model === '' ? [] : [['model', model] as const]),
      ...(contract.name === 'default' ? [] : [['contract', contract.name] as const]),
    ],
  };
  const results = judged.map((entry) =>
    resultOf(entry.requirement, entry, contract, {
      suite: OBSERVED_SUITES.get(entry.requirement.id) ?? '',
      reason: '',
      // Without an address the command would judge the embedded endpoint.
      reproduce:
        isAboutClients(entry.requirement.id) || facts.baseUrl === ''
          ? ''
          : reproduceCommand(invocation, entry.requirement, [], byId, new Map([[OBSERVED.id, OBSERVED]])),
    }),
  );
  const shown = PROFILES.filter((profile) => results.some((result) => result.profile === profile));
  return fitted({
    $schema: publishedSchema('report'),
    format: REPORT_FORMAT,
    suite: { name: 'messages-conformance', version: packageVersion() },
    target: {
      baseUrl: facts.baseUrl === '' ? (facts.name ?? '') : facts.baseUrl,
      model,
      contract: contract.name,
      embedded: false,
      apiVersions: [...new Set(recorded.flatMap(({ apiVersion }) => apiVersion ?? []))].sort(),
      server:
        recorded.flatMap(({ response }) => response?.headers.find(([name]) => name === 'server')?.[1] ?? [])[0] ?? null,
    },
    contract,
    run: {
      startedAt: facts.startedAt.toISOString(),
      profiles: shown,
      only: [],
      skip: [],
      interrupted: null,
      strict: facts.strict,
      // Traffic shows what it shows: a share of it would mean nothing.
      minJudged: 0,
      node: process.version,
    },
    diagnosis: results.some(({ verdict }) => verdict === 'fail') ? null : whyNothing(judge),
    causes: isComplete ? causesOf(judged, exchanges, () => OBSERVED) : [],
    summary: {
      ...summaryOf(results),
      must: coverageOf(judged, contract.profiles.claimed),
      requests: counts.judged,
      inputTokens: counts.input,
      outputTokens: counts.output,
      durationMs: Math.round(facts.durationMs),
    },
    profiles: shown.map((profile) => ({
      profile,
      claimed: contract.profiles.claimed.includes(profile),
      counts: countOf(results, profile),
    })),
    results,
    exchanges: recorded.map(forReport),
    notices: [
      ...facts.notices,
      ...(counts.others === 0 ? [] : [`${count(counts.others, 'request')} outside the Messages API passed unjudged.`]),
      ...(judge.kept.dropped === 0
        ? []
        : [
            `${count(judge.kept.dropped, 'exchange')} counted in the verdicts, but left out of this report, which would be too long.`,
          ]),
      'Judged by what the traffic shows; `messages-conformance run` tests the rest.',
    ],
  });
}

const isAboutClients = (id: string): boolean => id.startsWith('client.');
