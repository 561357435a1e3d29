/** A request of a client, from whatever file it was recorded in. */

import type { Json } from '../../core/json.js';

export interface ClientRequest {
  /** Where it stands: the file, and its place in a file with several. */
  at: string;
  method: string;
  /** Path and query, without scheme and host. */
  target: string;
  /** Header lines in their order; names as they were sent. */
  headers: readonly (readonly [name: string, value: string])[];
  /** The parsed body; `null` without one, or where it is no JSON. */
  body: Json;
  /** Length of the body in bytes. */
  bytes: number;
}
