/**
 * Metrics of one run in the OpenMetrics text format, which Prometheus and the textfile collector of node_exporter read. Gauges and
 * summaries only: a file stands for the last run, and nothing in it counts on.
 */

import { VERDICTS } from '../core/protocol.js';
import type { Report, ReportExchange } from '../core/report.js';
import { type Outcome, outcome } from './outcome.js';
import { oneLine } from './text.js';

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [suffix: string, labels: Labels, value: number];

const PREFIX = 'messages_conformance_';
const OUTCOMES: readonly Outcome[] = ['passed', 'failed', 'incomplete', 'not-judged'];

export function openMetrics(report: Report): string {
  const { target, summary, run, profiles, results } = report;
  const own: Labels = { target: target.baseUrl, model: target.model, contract: target.contract };
  const reached = outcome(report);
  const one = (value: number): Sample[] => [['', {}, value]];
  const family = (name: string, type: 'gauge' | 'summary', help: string, samples: readonly Sample[]): string[] => [
    `# TYPE ${PREFIX}${name} ${type}`,
    `# HELP ${PREFIX}${name} ${help}`,
    ...samples.map(([suffix, labels, value]) => `${PREFIX}${name}${suffix}${written({ ...own, ...labels })} ${value}`),
  ];
  return [
    ...family(
      'outcome',
      'gauge',
      '1 for what the run came to.',
      OUTCOMES.map((name) => ['', { outcome: name }, name === reached ? 1 : 0]),
    ),
    ...family(
      'results',
      'gauge',
      'Requirements by profile and verdict.',
      profiles.flatMap(({ profile, counts }) =>
        VERDICTS.map((verdict): Sample => ['', { profile, verdict }, counts[verdict]]),
      ),
    ),
    ...family(
      'failed',
      'gauge',
      '1 for each requirement that failed; known: the baseline lists it.',
      results
        .filter(({ verdict }) => verdict === 'fail')
        .map(
          ({ id, level, silent, known }): Sample => [
            '',
            { id, level, silent: String(silent), known: String(known !== undefined) },
            1,
          ],
        ),
    ),
    ...family('silent_failures', 'gauge', 'Failures that a client cannot see.', one(summary.silent)),
    ...family(
      'required_judged',
      'gauge',
      'MUST requirements of the claimed profiles that were judged.',
      one(summary.must.judged),
    ),
    ...family(
      'required',
      'gauge',
      'MUST requirements of the claimed profiles that the run had to judge.',
      one(summary.must.total),
    ),
    ...family('requests', 'gauge', 'Requests that the run sent.', one(summary.requests)),
    ...family('tokens', 'gauge', 'Tokens that the target reported.', [
      ['', { direction: 'input' }, summary.inputTokens],
      ['', { direction: 'output' }, summary.outputTokens],
    ]),
    ...family(
      'run_start_time_seconds',
      'gauge',
      'When the run started, as a Unix time.',
      one(Date.parse(run.startedAt) / 1000),
    ),
    ...family('run_duration_seconds', 'gauge', 'How long the run took.', one(summary.durationMs / 1000)),
    ...family(
      'time_to_first_byte_seconds',
      'summary',
      'From sending a request to the first byte of the body of a 2xx.',
      timings(report, ({ response }) => response?.chunks[0]?.atMs ?? response?.headersMs),
    ),
    ...family(
      'exchange_duration_seconds',
      'summary',
      'From sending a request to the last byte of a 2xx.',
      timings(report, ({ response, failure }) => (failure === null ? response?.endMs : undefined)),
    ),
    '# EOF',
    '',
  ].join('\n');
}

const QUANTILES = [0.5, 0.9, 0.99, 1] as const;

/** Quantiles, count and sum of accepted calls of the Messages API, by transport. */
function timings(report: Report, msOf: (exchange: ReportExchange) => number | undefined): Sample[] {
  return (['json', 'stream'] as const).flatMap((transport) => {
    const seconds = report.exchanges
      .filter((exchange) => exchange.transport === transport && isAccepted(exchange))
      .flatMap((exchange) => msOf(exchange) ?? [])
      .map((ms) => microseconds(ms / 1000))
      .sort((a, b) => a - b);
    if (seconds.length === 0) return [];
    const at = (quantile: number): number => seconds[Math.max(0, Math.ceil(quantile * seconds.length) - 1)]!;
    const sum = seconds.reduce((total, value) => total + value, 0);
    return [
      ...QUANTILES.map((quantile): Sample => ['', { transport, quantile: String(quantile) }, at(quantile)]),
      ['_count', { transport }, seconds.length],
      ['_sum', { transport }, microseconds(sum)],
    ] as Sample[];
  });
}

const microseconds = (seconds: number): number => Math.round(seconds * 1e6) / 1e6;

const isAccepted = ({ response, request }: ReportExchange): boolean =>
  response !== null && response.status >= 200 && response.status < 300 && /\/v1\/messages(\?|$)/.test(request.url);

const written = (labels: Labels): string =>
  `{${Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(',')}}`;

/** Two characters are special in a label; the invisible ones of a target would break terminals that show the file. */
const escaped = (text: string): string => oneLine(text, 300).replaceAll('\\', '\\\\').replaceAll('"', '\\"');
