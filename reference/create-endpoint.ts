import { type Endpoint, openEndpoint } from './endpoint.js';
import { applyFaults } from './faults/index.js';
import type { EndpointOptions } from './options.js';
import type { State } from './state.js';

/** An endpoint that can have faults, by default with a memory of its own. Throws a `TypeError` for invalid options. */
export const createEndpoint = (options: EndpointOptions = {}, memory?: State): Endpoint =>
  openEndpoint(options, memory, applyFaults);
