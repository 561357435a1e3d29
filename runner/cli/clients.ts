import type { ClientStanding } from '../../core/report.js';
import { clientName, clientVerdict, hasReply, isTrouble, remarkable } from '../../reporters/clients.js';
import { isUnusable } from '../../reporters/outcome.js';
import { oneLine } from '../../reporters/text.js';
import { type LaneReport, runLane } from '../../tap/lanes/run-lane.js';
import { standingOf } from '../../tap/lanes/standing.js';
import { loadContract } from '../contract/contracts.js';
import { openTarget } from '../run/target.js';
import { type RunOptions, run } from '../run.js';
import { inTheOpenText, maskOf } from './announce.js';
import { chooseLanes } from './choose-lanes.js';
import { useColor, writeText } from './files.js';
import { readHeaders } from './headers.js';
import { keepSecret, print, say } from './output.js';

interface ClientsOptions {
  url?: string;
  apiKeyEnv?: string;
  model?: string;
  header?: string[];
  headerEnv?: string[];
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
  const { requireClient: required = [] } = options;
  const chosen = chooseLanes(options.client ?? null, required);
  const contract = await loadContract(options.contract ?? 'default');
  const apiKeyVariable = options.apiKeyEnv ?? 'ANTHROPIC_API_KEY';
  const apiKey = process.env[apiKeyVariable] || undefined;
  const { url = process.env.ANTHROPIC_BASE_URL || undefined, model = process.env.ANTHROPIC_MODEL || undefined } =
    options;
  const { headers, headerVariables, inTheOpen } = readHeaders(
    options.header ?? [],
    options.headerEnv ?? [],
    {},
    process.env,
  );
  const asked = { url, model, apiKey, apiKeyVariable, headers, headerVariables };
  const opened = await openTarget(asked, contract);
  const { target, embedded, notices } = opened;
  keepSecret(maskOf(target));
  for (const name of inTheOpen) say(inTheOpenText(name));
  for (const notice of notices) say(notice);
  try {
    print(`${embedded ? 'the embedded reference endpoint' : target.baseUrl} · model ${target.model}\n\n`);
    const why = embedded ? null : await whyUnusable({ ...asked, contract });
    if (why !== null) {
      print(`${why}\n`);
      return 3;
    }
    const reports: LaneReport[] = [];
    for (const lane of chosen) {
      const report = await runLane(
        lane,
        { url: target.baseUrl, model: target.model, apiKey: target.apiKey ?? 'none', headers, headerVariables },
        { contract, install: options.install ?? false, timeoutMs: options.timeout * 1_000 },
      );
      reports.push(report);
      print(textOf(standingOf(report, []), useColor(options.color)));
    }
    if (options.out !== undefined)
      writeText(
        options.out,
        `${JSON.stringify({ target: { baseUrl: target.baseUrl, model: target.model }, clients: reports.map(asData) }, null, 2)}\n`,
        { private: true },
      );
    return codeOf(reports, required, options.strictClients ?? false);
  } finally {
    await opened.close();
  }
}

/** What a plain request says about a target that no client can work with; `null` where it is answered. */
async function whyUnusable(options: RunOptions): Promise<string | null> {
  const { report } = await run({ ...options, only: ['http.post.messages'] });
  return isUnusable(report) ? `${report.diagnosis!.line}\n${report.diagnosis!.advice}` : null;
}

/** Exchanges by their ids: the traffic itself is in the report of `run --client`, or of a tap. */
const asData = ({ probes, ...lane }: LaneReport) => ({
  ...lane,
  probes: probes.map((probe) => ({ ...probe, exchanges: probe.exchanges.map(({ id }) => id) })),
});

function codeOf(reports: readonly LaneReport[], required: readonly string[], strict: boolean): number {
  const missing = reports.filter(({ client, skipped }) => skipped !== undefined && required.includes(client));
  for (const { client, skipped } of missing) say(`--require-client ${client}: it did not run: ${skipped}`);
  if (missing.length > 0) return 2;
  const probes = reports.flatMap((report) => report.probes);
  if (!hasReply(probes.map(({ probe, result: { kind } }) => ({ probe, kind })))) {
    say('no client showed anything about the target');
    return 3;
  }
  return strict && probes.some(({ result }) => isTrouble(result)) ? 1 : 0;
}

function textOf(standing: ClientStanding, color: boolean): string {
  const name = clientName(standing);
  const lines = remarkable(standing).map((probe) => {
    const { title, line, kind, violated } = probe;
    const said = `  ${title}: ${kind === 'not observed' ? 'not observed: ' : ''}${oneLine(line, 400)}`;
    return isTrouble(probe) && violated.length > 0 ? `${said}\n    violated here: ${violated.join(', ')}` : said;
  });
  const head = `${color ? `\u001b[1m${name}\u001b[22m` : name}  ${clientVerdict(standing)}`;
  return `${[head, ...lines].join('\n')}\n`;
}
