/** The reference endpoint as a target: what a run judges when no URL is given. */

import type { EndpointOptions } from '../../reference/options.js';
import { startEndpoint } from '../../reference/serve.js';
import type { Contract } from '../contract/contracts.js';

export interface Embedded {
  url: string;
  apiKey: string;
  model: string;
  close(): Promise<void>;
}

/** Starts it on a free port of the loopback interface, set to the contract's dialect and then to options of one's own. */
export async function openEmbedded(contract: Contract, options: EndpointOptions = {}): Promise<Embedded> {
  const apiKey = 'sk-embedded-6f1b0c9d27';
  const endpoint = await startEndpoint({ ...endpointOptions(contract), ...options, apiKey });
  return { url: endpoint.url, apiKey, model: 'reference-1', close: endpoint.close };
}

/** A contract's dialect for the endpoint. Both credential headers and both versions are always served: every target must. */
export function endpointOptions({ dialect }: Contract) {
  return {
    dialect: {
      consecutiveRoles: dialect.consecutiveRoles,
      prefill: dialect.prefill === 'refuse' ? ('refuse' as const) : ('continue' as const),
      stopSequenceLimit: dialect.stopSequenceLimit,
      sampling: dialect.sampling === 'fixed' ? ('fixed' as const) : ('classic' as const),
      systemRole: dialect.systemRole === 'refuse' ? ('refuse' as const) : ('honour' as const),
      unknownFields: dialect.unknownFields === 'ignore' ? ('ignore' as const) : ('refuse' as const),
      doubledPath: dialect.doubledPath,
    },
  };
}
