/** A target with four faults that real gateways showed, for reports that have something to say. */

import type { Alterations } from '../../reference/stages.js';

/** @param pauseMs how long a stream stands still before its second block */
export function faults(pauseMs = 0): Alterations {
  return {
    // An array of system blocks is dropped: the model never sees it.
    prompt: (request) => (Array.isArray(request.system) ? { ...request, system: undefined } : request),
    // Every block has the index 0: clients merge the text and the tool call behind it. Cut replies lose their message_stop.
    events: (events) => {
      const cut = events.some((event) => event.type === 'message_delta' && event.delta.stop_reason === 'max_tokens');
      return events
        .filter((event) => !(cut && event.type === 'message_stop'))
        .map((event) => ('index' in event ? { ...event, index: 0 } : event));
    },
    bytes: async function* (frames) {
      let blocks = 0;
      for await (const frame of frames) {
        if (new TextDecoder().decode(frame).startsWith('event: content_block_start') && ++blocks === 2) {
          yield new TextEncoder().encode(': waiting for the tool call\n\n');
          await new Promise((resolve) => setTimeout(resolve, pauseMs));
        }
        yield frame;
      }
    },
    // A body that is not JSON runs into the gateway's own error page.
    response: async (response) => {
      if (response.status !== 400 || !(await response.clone().text()).includes('JSON')) return response;
      const page = '<html><head><title>500</title></head><body><h1>Internal Server Error</h1></body></html>';
      return new Response(page, { status: 500, headers: { 'content-type': 'text/html' } });
    },
  };
}
