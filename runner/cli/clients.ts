import { redactor, SHORTEST_SECRET } from '../../core/redact.js';
import { oneLine } from '../../reporters/text.js';
import type { Result } from '../../tap/lanes/compare.js';
import { loadLanes } from '../../tap/lanes/lanes.js';
import { PROBE_TITLES } from '../../tap/lanes/probes.js';
import { type LaneReport, type ProbeResult, runLane } from '../../tap/lanes/run-lane.js';
import { loadContract } from '../contract/contracts.js';
import { openTarget } from '../run/target.js';
import { nearest, UsageError } from '../usage-error.js';
import { useColor, writeText } from './files.js';
import { keepSecret, print, say } from './output.js';

interface ClientsOptions {
  url?: string;
  apiKeyEnv: string;
  model?: string;
  client?: string[];
  contract?: string;
  install?: boolean;
  requireClient?: string[];
  strictClients?: boolean;
  timeout: number;
  out?: string;
  color?: boolean;
}

/** `messages-conformance clients`: what real clients make of a target. */
export async function clientsCommand(options: ClientsOptions): Promise<number> {
  const lanes = loadLanes();
  const known = lanes.map(({ id }) => id);
  const { client: wanted = known, requireClient: required = [] } = options;
  for (const [option, names] of [
    ['--client', wanted],
    ['--require-client', required],
  ] as const) {
    for (const name of names)
      if (!known.includes(name))
        throw new UsageError(`${option} ${name}: there is no such client; ${nearest(name, known)}`);
  }
  const chosen = lanes.filter(({ id }) => wanted.includes(id) || required.includes(id));
  const contract = await loadContract(options.contract ?? 'default');
  const apiKey = process.env[options.apiKeyEnv] || undefined;
  const { url = process.env.ANTHROPIC_BASE_URL || undefined, model = process.env.ANTHROPIC_MODEL || undefined } =
    options;
  const opened = await openTarget({ url, model, apiKey, apiKeyVariable: options.apiKeyEnv }, contract);
  const { target, embedded, notices } = opened;
  if (target.apiKey !== null && target.apiKey.length >= SHORTEST_SECRET) keepSecret(redactor([target.apiKey]));
  for (const notice of notices) say(notice);
  try {
    print(`${embedded ? 'the embedded reference endpoint' : target.baseUrl} · model ${target.model}\n\n`);
    const reports: LaneReport[] = [];
    for (const lane of chosen) {
      const report = await runLane(
        lane,
        { url: target.baseUrl, model: target.model, apiKey: target.apiKey ?? 'none' },
        { contract, install: options.install ?? false, timeoutMs: options.timeout * 1_000 },
      );
      reports.push(report);
      print(textOf(report, useColor(options.color)));
    }
    if (options.out !== undefined)
      writeText(
        options.out,
        `${JSON.stringify({ target: { baseUrl: target.baseUrl, model: target.model }, clients: reports }, null, 2)}\n`,
        { private: true },
      );
    return codeOf(reports, required, options.strictClients ?? false);
  } finally {
    await opened.close();
  }
}

function codeOf(reports: readonly LaneReport[], required: readonly string[], strict: boolean): number {
  const missing = reports.filter(({ client, skipped }) => skipped !== undefined && required.includes(client));
  for (const { client, skipped } of missing) say(`--require-client ${client}: it did not run: ${skipped}`);
  if (missing.length > 0) return 2;
  const probes = reports.flatMap((report) => report.probes);
  if (!probes.some(({ result }) => result.kind !== 'not observed')) {
    say('no client showed anything about the target');
    return 3;
  }
  return strict && probes.some(isTrouble) ? 1 : 0;
}

const isTrouble = ({ result }: ProbeResult): boolean => result.kind !== 'same' && result.kind !== 'not observed';

function textOf({ title, version, skipped, probes }: LaneReport, color: boolean): string {
  const bold = (text: string): string => (color ? `\u001b[1m${text}\u001b[22m` : text);
  const name = bold(`${title} ${version}`.trim());
  if (skipped !== undefined) return `${name}  skipped: ${skipped}\n`;
  const troubles = probes.filter(isTrouble);
  const unseen = probes.filter(({ result }) => result.kind === 'not observed');
  const head =
    troubles.length > 0
      ? 'works, except:'
      : unseen.length === probes.length
        ? 'shows nothing'
        : `works (${probes.length - unseen.length} of ${probes.length} probes)`;
  const lines = [...troubles, ...unseen].map(
    ({ probe, result, violated }) =>
      `  ${PROBE_TITLES[probe]}: ${oneLine(sentence(result), 400)}${violated.length === 0 || result.kind === 'not observed' ? '' : `\n    violated here: ${violated.join(', ')}`}`,
  );
  return `${[`${name}  ${troubles.length === probes.length ? 'does not work:' : head}`, ...lines].join('\n')}\n`;
}

function sentence(result: Result): string {
  switch (result.kind) {
    case 'same':
      return 'as the bytes say';
    case 'differs':
      return `${result.field} is ${result.actual}, and the bytes say ${result.expected}`;
    case 'throws':
      return `throws ${result.class}: ${result.message}`;
    case 'falls back':
      return 'sends the request again without stream';
    case 'times out':
      return 'no result within the time';
    case 'not observed':
      return `not observed: ${result.reason}`;
  }
}
