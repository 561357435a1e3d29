/** The requests that a run of the suite sends when a target accepts everything: what fixtures have, combined as they are sent. */

import type { Profile } from '../../core/protocol.js';
import { PROFILES } from '../../core/protocol.js';
import { run } from '../../runner/run.js';
import type { ClientRequest } from './request.js';

export interface CarriedOptions {
  contract: string;
  /** Default: what the contract claims. */
  profiles?: readonly Profile[] | 'all';
}

/** Runs against the embedded reference endpoint, in the order in which requests left. */
export async function carriedRequests({ contract, profiles }: CarriedOptions): Promise<ClientRequest[]> {
  const chosen = profiles === 'all' ? PROFILES : profiles;
  const { report } = await run({ contract, ...(chosen && { profiles: chosen }) });
  return report.exchanges.map(({ id, request }): ClientRequest => {
    const { pathname, search } = new URL(request.url);
    return {
      at: id,
      method: request.method,
      target: `${pathname}${search}`,
      headers: Object.entries(request.headers),
      body: parsed(request.body),
      bytes: Buffer.byteLength(request.body ?? ''),
    };
  });
}

function parsed(body: string | null): ClientRequest['body'] {
  try {
    return body === null ? null : JSON.parse(body);
  } catch {
    return null;
  }
}
