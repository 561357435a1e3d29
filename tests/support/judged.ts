import type { Report } from '../../core/report.js';
import { createEndpoint } from '../../reference/create-endpoint.js';
import type { EndpointOptions } from '../../reference/options.js';
import { type RunOptions, run } from '../../runner/run.js';

/** What a run reports about an endpoint with these options, in this process. */
export async function judged(endpoint: EndpointOptions, options: Omit<RunOptions, 'url' | 'fetch'>): Promise<Report> {
  const apiKey = endpoint.apiKey ?? 'k';
  const { report } = await run({ apiKey, model: 'reference-1', ...options, fetch: createEndpoint(endpoint).fetch });
  return report;
}
