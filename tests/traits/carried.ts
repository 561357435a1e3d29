/** The requests that a run of the suite sends when a target accepts everything: what fixtures have, combined as they are sent. */

import type { Profile } from '../../core/protocol.js';
import { PROFILES } from '../../core/protocol.js';
import { createEndpoint } from '../../reference/create-endpoint.js';
import { loadContract } from '../../runner/contract/contracts.js';
import { endpointOptions } from '../../runner/run/embedded.js';
import { run } from '../../runner/run.js';
import type { ClientRequest } from './request.js';

export interface CarriedOptions {
  contract: string;
  /** Default: what the contract claims. */
  profiles?: readonly Profile[] | 'all';
}

/** Runs against the reference endpoint in this process, in the order in which requests left. */
export async function carriedRequests({ contract, profiles }: CarriedOptions): Promise<ClientRequest[]> {
  const chosen = profiles === 'all' ? PROFILES : profiles;
  const endpoint = createEndpoint({ ...endpointOptions(await loadContract(contract)), models: ['reference-1'] });
  const requests: ClientRequest[] = [];
  const fetch = async (request: Request): Promise<Response> => {
    requests.push(await asClientRequest(request.clone(), `request ${requests.length + 1}`));
    return endpoint.fetch(request);
  };
  await run({ contract, fetch, model: 'reference-1', apiKey: 'sk-traits-5d0f1c', ...(chosen && { profiles: chosen }) });
  return requests;
}

/** A request that arrived at a server in this process. */
export async function asClientRequest(request: Request, at: string): Promise<ClientRequest> {
  const { pathname, search } = new URL(request.url);
  const text = await request.text();
  return {
    at,
    method: request.method,
    target: `${pathname}${search}`,
    headers: [...request.headers],
    body: parsed(text),
    bytes: Buffer.byteLength(text),
  };
}

function parsed(body: string): ClientRequest['body'] {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
