/** `--wait SECONDS`: waits until a target that is just starting answers anything at all. */

import { openNetwork } from '../send/network.js';
import { say } from './output.js';

const EVERY_MS = 250;
const BOUNDS = { timeoutMs: 5_000, maxBytes: 64 * 1024, lingerMs: 1_000 };

/** Resolves as soon as there is an answer, of whatever status, or the time is over: what is wrong then is for the run to say. */
export async function waitForTarget(baseUrl: string, seconds: number, signal?: AbortSignal): Promise<void> {
  const network = openNetwork();
  const deadline = performance.now() + seconds * 1000;
  try {
    for (let tries = 0; ; tries += 1) {
      const outgoing = { method: 'HEAD', url: `${baseUrl}/`, headers: {}, body: null, stream: false };
      const { response } = await network.send(outgoing, BOUNDS, signal);
      if (response !== null || performance.now() >= deadline || signal?.aborted) return;
      if (tries === 0) say(`waiting up to ${seconds} s for ${baseUrl}`);
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
  } finally {
    await network.close();
  }
}
