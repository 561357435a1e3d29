/**
 * `--fail`: a request that violates the protocol is rejected in place of the server, and a response that violates it is replaced by an
 * error. Both are held until they were judged, so a stream arrives in one piece.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { pairs } from './header-lines.js';
import type { Observation } from './observation.js';
import { answerInstead, type Carry, failed, passHead } from './pass-through.js';
import type { RawExchange } from './raw-exchange.js';

/** What is wrong with an exchange so far, one line each. */
export type Look = (raw: RawExchange) => Promise<string[]>;

/** Most bytes of a response that are held; a longer one passes unjudged from there on. */
const MAX_HELD = 4 * 1024 * 1024;

export function held(look: Look): Carry {
  return async ({ request, response, observation, open }) => {
    const asked = await bodyOf(request, observation);
    if (asked === null)
      return observation.ends('client-aborted', 'the client closed the connection before its request was complete');
    const wrong = observation.isPartial ? [] : await look(observation.exchange('replaced'));
    if (wrong.length > 0) return reject(response, observation, 400, 'invalid_request_error', wrong);
    const outgoing = open();
    response.on('close', () => {
      if (response.writableFinished) return;
      observation.ends('client-aborted', 'the client closed the connection before the response was complete');
      outgoing.destroy();
    });
    let isAnswered = false;
    outgoing.on('error', (error) => {
      if (!isAnswered) failed(error, outgoing, response, observation);
    });
    outgoing.on('response', (answer) => {
      isAnswered = true;
      observation.answers(answer);
      hold(answer, response, observation, look);
    });
    for (const piece of asked) outgoing.write(piece);
    const trailers = pairs(request.rawTrailers);
    if (trailers.length > 0) outgoing.addTrailers(trailers as [string, string][]);
    outgoing.end();
  };
}

/** The whole body of a request; `null` when the client left before its end. */
async function bodyOf(request: IncomingMessage, observation: Observation): Promise<Buffer[] | null> {
  const pieces: Buffer[] = [];
  try {
    for await (const piece of request as AsyncIterable<Buffer>) {
      observation.sends(piece);
      pieces.push(piece);
    }
    return pieces;
  } catch {
    return null;
  }
}

function hold(answer: IncomingMessage, response: ServerResponse, observation: Observation, look: Look): void {
  let pieces: Buffer[] = [];
  let bytes = 0;
  let isPassing = false;
  const pass = (): void => {
    passHead(answer, response);
    for (const piece of pieces) response.write(piece);
    pieces = [];
    isPassing = true;
  };
  const finish = (): void => {
    const trailers = pairs(answer.rawTrailers);
    if (trailers.length > 0) response.addTrailers(trailers as [string, string][]);
    observation.ends('complete', '', answer.rawTrailers);
    response.end();
  };
  answer.on('data', (piece: Buffer) => {
    observation.receives(piece);
    if (isPassing) {
      if (!response.write(piece)) {
        answer.pause();
        response.once('drain', () => answer.resume());
      }
      return;
    }
    pieces.push(piece);
    bytes += piece.length;
    if (bytes > MAX_HELD) pass();
  });
  answer.on('end', async () => {
    if (isPassing) return finish();
    const wrong = await look(observation.exchange('complete'));
    if (response.destroyed) return;
    if (wrong.length > 0) return reject(response, observation, 502, 'api_error', wrong);
    pass();
    finish();
  });
  answer.on('error', () => {});
  answer.on('close', () => {
    if (answer.complete) return;
    observation.ends('server-aborted', 'the connection ended before the response was complete');
    response.destroy();
  });
}

function reject(
  response: ServerResponse,
  observation: Observation,
  status: number,
  type: string,
  wrong: string[],
): void {
  observation.ends('replaced', `answered with ${status}: ${wrong[0]}`);
  answerInstead(response, status, type, `messages-conformance tap --fail: ${wrong.join(' | ').slice(0, 4_000)}`);
}
