import { RECORD_PARTS, type RecordPart } from '../../core/exchange.js';
import type { Report } from '../../core/report.js';
import type { Contract } from '../../runner/contract/contracts.js';
import { dialectOf, recordOf } from '../judging/record.js';
import { PassingSecrets } from '../judging/secrets.js';
import { TrafficJudge } from '../judging/traffic-judge.js';
import { trafficReport } from '../judging/traffic-report.js';
import type { Traffic } from './traffic.js';

/**
 * The usual report on the traffic of a file.
 *
 * @param name Name of the file, which stands for the server where its address is not known.
 */
export function judgeTraffic(
  traffic: Traffic,
  { contract, strict, name, program }: { contract: Contract; strict: boolean; name: string; program?: string },
): Report {
  const judge = new TrafficJudge(contract);
  const recording = { secrets: new PassingSecrets(traffic.baseUrl), dialect: dialectOf(contract) };
  const lacks = new Set<RecordPart>();
  let endMs = 0;
  for (const found of traffic.exchanges) {
    judge.take(recordOf(found, recording));
    for (const part of found.lacks) lacks.add(part);
    endMs = Math.max(endMs, (found.startedMs ?? 0) + (found.response?.endMs ?? 0));
  }
  const lacking = (Object.keys(RECORD_PARTS) as RecordPart[]).filter((part) => lacks.has(part));
  return trafficReport(judge, {
    baseUrl: traffic.baseUrl,
    name,
    ...(program !== undefined && { program }),
    startedAt: traffic.startedAt,
    durationMs: endMs,
    strict,
    notices: [
      `Read as ${traffic.format}.`,
      ...traffic.notices,
      ...(lacking.length === 0
        ? []
        : [
            `The file lacks ${lacking.map((part) => RECORD_PARTS[part]).join('; ')}. What depends on that is not judged.`,
          ]),
    ],
  });
}
