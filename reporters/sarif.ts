/** SARIF 2.1.0 for code scanning: an alert for each violated requirement. */

import { byUrgency, type Report, type ReportExchange, type Result } from '../core/report.js';
import type { Finding } from '../core/requirement.js';
import { causeTitles } from './causes.js';
import { json, jsonText } from './json.js';
import { isFailing, isUnusable, outcome } from './outcome.js';
import { groupBy, isWebAddress, oneLine, reproduceLine, where } from './text.js';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/** The page of the package. */
const INFORMATION = 'https://www.jsdelivr.com/package/npm/messages-conformance';

/** An alert needs a file; this one has the evidence. */
const EVIDENCE = 'report.json';
const BODY_LENGTH = 2_000;
const FINDINGS = 20;

/** Failures and warnings become results, errors and problems of the run become notifications, known failures are suppressed. */
export function sarif(report: Report): string {
  const shown = byUrgency(report.results).filter(({ verdict }) => verdict === 'fail' || verdict === 'warn');
  const rules = groupBy(shown, ({ id }) => id).map(([, [first]]) => first!);
  const ruleIndex = new Map(rules.map(({ id }, index) => [id, index]));
  const lines = linesOfResults(report);
  const exchanges = new Map(report.exchanges.map((exchange) => [exchange.id, exchange]));
  const causes = causeTitles(report);
  const { suite, target, run } = report;
  return `${jsonText({
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: suite.name,
            version: oneLine(suite.version, 80),
            informationUri: INFORMATION,
            rules: rules.map((rule) => ruleOf(report, rule)),
          },
        },
        automationDetails: { id: `${suite.name}/${encodeURIComponent(oneLine(target.contract, 80))}/` },
        invocations: [invocation(report)],
        artifacts: [{ location: { uri: EVIDENCE }, mimeType: 'application/json' }],
        columnKind: 'utf16CodeUnits',
        properties: {
          target: oneLine(target.baseUrl),
          model: oneLine(target.model),
          contract: oneLine(target.contract),
          strict: run.strict,
        },
        results: shown.map((result) => ({
          ruleId: oneLine(result.id, 200),
          ruleIndex: ruleIndex.get(result.id) ?? 0,
          kind: 'fail',
          level: levelOf(report, result),
          message: { text: account(result, causes.get(result.id)) },
          locations: [locationOf(lines.get(result.id) ?? 1, result.findings[0])],
          partialFingerprints: { 'requirement/v1': oneLine(result.id, 200) },
          ...traffic(exchanges.get(result.findings[0]?.exchange ?? result.exchanges[0] ?? '')),
          ...(result.known === undefined
            ? {}
            : {
                suppressions: [{ kind: 'external', status: 'accepted', justification: oneLine(result.known.reason) }],
              }),
          properties: {
            silent: result.silent,
            ...(causes.has(result.id) ? { cause: oneLine(causes.get(result.id)!) } : {}),
            requirementLevel: result.level,
            profile: result.profile,
            tries: result.tries,
            ...(result.reproduce === '' ? {} : { reproduce: oneLine(result.reproduce, 1_000) }),
          },
        })),
      },
    ],
  })}\n`;
}

const levelOf = (report: Report, result: Result): 'error' | 'warning' =>
  result.verdict === 'fail' || isFailing(report, result) ? 'error' : 'warning';

function ruleOf(report: Report, result: Result) {
  const url = result.source.map((source) => source.url).find(isWebAddress);
  const incidents = (result.incidents ?? []).map(({ server, effect, url }) =>
    literal(`Seen in ${oneLine(server, 80)}: ${oneLine(effect, 200)} ${isWebAddress(url) ? url : ''}`),
  );
  return {
    id: oneLine(result.id, 200),
    shortDescription: { text: literal(oneLine(result.statement)) },
    fullDescription: { text: literal(oneLine(result.statement)) },
    help: {
      text: [
        literal(oneLine(result.statement)),
        ...incidents,
        ...result.source.map(({ title }) => literal(`Source: ${oneLine(title)}`)),
      ].join('\n'),
    },
    ...(url === undefined ? {} : { helpUri: encodeURI(decoded(url)) }),
    defaultConfiguration: { level: levelOf(report, result) },
    properties: {
      // Some suites have the name of their profile, and tags must be unique.
      tags: [
        ...new Set(
          [result.profile, result.suite, result.level, ...(result.silent ? ['silent'] : [])].map((tag) =>
            oneLine(tag, 80),
          ),
        ),
      ],
    },
  };
}

/** Undoes the percent-encoding, so that `encodeURI` does not encode twice. RFC 3986 allows only ASCII. */
function decoded(url: string): string {
  try {
    return decodeURI(url);
  } catch {
    return url.replaceAll('%', '%25');
  }
}

function invocation(report: Report) {
  const { run, summary, results, notices, baseline } = report;
  const started = Date.parse(run.startedAt);
  const notification = (level: 'error' | 'warning' | 'note', text: string) => ({
    level,
    message: { text: literal(oneLine(text) || '(no text)') },
  });
  return {
    executionSuccessful: ['passed', 'failed'].includes(outcome(report)),
    ...(Number.isNaN(started)
      ? {}
      : {
          startTimeUtc: new Date(started).toISOString(),
          endTimeUtc: new Date(started + summary.durationMs).toISOString(),
        }),
    toolConfigurationNotifications: (baseline?.problems ?? []).map(({ message }) => notification('error', message)),
    toolExecutionNotifications: [
      ...(isUnusable(report) ? [notification('error', `The target cannot be judged: ${report.diagnosis!.line}`)] : []),
      ...(run.interrupted === null ? [] : [notification('error', `The run ended early: ${run.interrupted}`)]),
      ...results
        .filter(({ verdict }) => verdict === 'error')
        .map(({ id, reason }) => notification('error', `${oneLine(id, 120)}: ${reason}`)),
      ...notices.map((notice) => notification('note', notice)),
    ],
  };
}

function account(result: Result, cause: string | undefined): string {
  const lines = [oneLine(result.reason || result.findings[0]?.message || result.statement)];
  if (cause !== undefined) lines.push(`cause: ${oneLine(cause)}`);
  for (const finding of result.findings.slice(0, FINDINGS)) {
    if (finding.message !== result.reason) lines.push(oneLine(finding.message));
    lines.push(
      `where: ${where(finding)}`,
      `expected: ${oneLine(finding.expected)}`,
      `actual: ${oneLine(finding.actual)}`,
    );
  }
  if (result.findings.length > FINDINGS) lines.push(`and ${result.findings.length - FINDINGS} more findings`);
  return literal([...lines, ...reproduceLine(result, 'reproduce: ')].join('\n'));
}

/**
 * Takes their meaning from placeholders `{0}` and links `[text](url)` (2.1.0, 3.11.5 and 3.11.6) in a target's text. Other braces stay
 * as they are: no viewer undoes the doubling that 3.11.5 asks for, and JSON with doubled braces cannot be read.
 */
const literal = (text: string): string => text.replace(/\{(?=\d+\})/g, '{ ').replaceAll('](', '] (');

function locationOf(line: number, finding: Finding | undefined) {
  return {
    physicalLocation: { artifactLocation: { uri: EVIDENCE, index: 0 }, region: { startLine: line } },
    ...(finding === undefined
      ? {}
      : {
          logicalLocations: [
            { name: oneLine(finding.exchange ?? 'run', 120), fullyQualifiedName: where(finding), kind: 'exchange' },
          ],
        }),
  };
}

/** The request and the response of the finding, with truncated bodies. */
function traffic(exchange: ReportExchange | undefined) {
  if (exchange === undefined) return {};
  const { request, response } = exchange;
  const body = (text: string) => ({ text: oneLine(text, BODY_LENGTH) });
  return {
    webRequest: {
      protocol: 'HTTP',
      method: oneLine(request.method, 20),
      target: oneLine(request.url),
      headers: headersOf(Object.entries(request.headers)),
      ...(request.body === null ? {} : { body: body(request.body) }),
    },
    webResponse:
      response === null
        ? { noResponseReceived: true }
        : {
            protocol: 'HTTP',
            statusCode: response.status,
            headers: headersOf(response.headers),
            body: response.bodyEncoding === 'base64' ? { binary: base64(response.body) } : body(response.body),
          },
  };
}

const headersOf = (headers: readonly (readonly [string, string])[]): Record<string, string> =>
  Object.fromEntries(
    groupBy(headers.slice(0, 100), ([name]) => oneLine(name, 80)).map(([name, lines]) => [
      name,
      lines.map(([, value]) => oneLine(value)).join(', '),
    ]),
  );

/** 2,000 is a multiple of four, so no base64 group is split. */
const base64 = (text: string): string => text.slice(0, BODY_LENGTH);

/** Line of each result in `report.json`, counted from 1. */
function linesOfResults(report: Report): Map<string, number> {
  const lines = json(shortened({ ...report, exchanges: [] }) as Report).split('\n');
  const begin = lines.findIndex((line) => line.startsWith('  "results": ['));
  const found = new Map<string, number>();
  for (let index = begin + 1; index > 0 && index < lines.length; index += 1) {
    const quoted = /^ {6}"id": (".*"),$/.exec(lines[index]!)?.[1];
    if (quoted !== undefined) found.set(JSON.parse(quoted) as string, index + 1);
  }
  return found;
}

/** Line breaks depend on whether a text is long, not on its exact length. */
function shortened(value: unknown): unknown {
  if (typeof value === 'string') return value.slice(0, 200);
  if (Array.isArray(value)) return value.map(shortened);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shortened(inner)]));
}
