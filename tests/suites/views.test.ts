/** What judges look at: values of an exchange, at the edges where a small mistake would change a verdict. */

import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../core/exchange.js';
import type { JsonObject } from '../../core/json.js';
import type { Judgement } from '../../core/requirement.js';
import { errorDetails, errorObject, jsonError, withBody } from '../../suites/judging/error-envelope.js';
import { declaredTools, hasNoParameters, schemaMismatches, schemaOf, worst } from '../../suites/judging/tool-views.js';
import { completeMessage, gaveUp, readStream, stopReason, stopSequences } from '../../suites/judging/views.js';
import { errorBody, events, exchange, message, toolUse } from '../support/exchange.js';

describe('an error with a body of the target', () => {
  const failed = (parts: Parameters<typeof exchange>[0] = {}) =>
    exchange({ fixture: 'cheap', status: 400, json: errorBody(), ...parts });

  it.each([
    ['HTTP 400', failed(), true],
    ['HTTP 413, which a proxy sends', failed({ status: 413 }), false],
    ['an answer to HEAD', failed({ request: { method: 'HEAD' } }), false],
    ['an answer to OPTIONS', failed({ request: { method: 'OPTIONS' } }), false],
    ['a body that broke off', failed({ failure: { kind: 'reset', message: 'aborted' } }), false],
    ['a message', exchange(), false],
  ] as const)('%s: %o', (_name, shown, has) => {
    expect(withBody(shown) !== null).toBe(has);
    expect(jsonError(shown) !== null).toBe(has);
    expect(errorObject(shown) !== null).toBe(has);
  });

  it('is JSON only by its label, and has an error object only as JSON', () => {
    expect(jsonError(failed({ headers: { 'content-type': 'text/plain' } }))).toBe(null);
    expect(jsonError(failed({ headers: { 'content-type': 'application/problem+json' } }))).not.toBe(null);
    expect(errorObject(failed({ json: ['no'] }))).toBe(null);
    expect(errorObject(failed({ json: { detail: 'no' } }))).toBe(null);
    expect(errorObject(failed({ json: { type: 'error' } }))).toEqual({ error: undefined });
  });

  it('has details unless they are null', () => {
    const withDetails = (details: unknown) =>
      failed({ json: { type: 'error', error: { type: 'x', message: 'y', details } } });
    expect(errorDetails(withDetails({ error_code: 'z' }))).toEqual({ details: { error_code: 'z' } });
    expect(errorDetails(withDetails(null))).toBe(null);
    expect(errorDetails(failed())).toBe(null);
  });
});

describe('tools and calls', () => {
  const asked = (tools: unknown) => exchange({ request: { body: { model: 'm', tools } } });

  it('are read from what the request declares', () => {
    const one = { name: 'a', input_schema: { type: 'object' } };
    expect(declaredTools(asked([one, null, 'b']))).toEqual([one]);
    expect(schemaOf(asked([one]), { name: 'a' })).toEqual({ type: 'object' });
    expect(schemaOf(asked([{ name: 'a' }]), { name: 'a' })).toBe(null);
    expect(schemaOf(asked([{ input_schema: {} }]), {})).toBe(null);
  });

  it.each(['properties', 'required', 'anyOf', 'oneOf', 'allOf', '$ref'])(
    'have parameters where a schema has %s',
    (key) => {
      expect(hasNoParameters({ type: 'object' })).toBe(true);
      expect(hasNoParameters({ type: 'object', [key]: [{}] })).toBe(false);
      expect(hasNoParameters(null)).toBe(false);
    },
  );

  it('have the types of their schema; one of several is enough, and no type is any', () => {
    const schema: JsonObject = {
      required: ['city'],
      properties: { city: { type: 'string' }, days: { type: ['integer', 'null'] }, any: {} },
    };
    expect(schemaMismatches(schema, { city: 'Paris', days: null, any: [] })).toEqual([]);
    expect(schemaMismatches(schema, { days: 1.5 })).toEqual(['`city` is missing', '`days` is 1.5']);
    expect(schemaMismatches(schema, { city: 1, days: 1 })).toEqual(['`city` is 1']);
  });

  it('are as bad as their worst judgement', () => {
    const deviates: Judgement = { outcome: 'deviates', findings: [] };
    const unreachable: Judgement = { outcome: 'unreachable', reason: 'no' };
    expect(worst({ outcome: 'satisfied' }, unreachable, deviates).outcome).toBe('deviates');
    expect(worst({ outcome: 'satisfied' }, { outcome: 'not-observed', reason: 'no' }, unreachable).outcome).toBe(
      'unreachable',
    );
  });
});

describe('the end of a reply', () => {
  const broken = (silenceMs: number, max_tokens: number, list = events(message()).slice(0, 4)): Exchange =>
    exchange({
      events: list,
      chunks: [{ bytes: 10, atMs: 1_000 }],
      endMs: 1_000 + silenceMs,
      failure: { kind: 'timeout-body', message: 'no more bytes' },
      request: { body: { model: 'm', max_tokens } },
    });

  it.each([
    ['ten seconds of silence with room for few words', 10_000, 16, false],
    ['less than that', 9_999, 16, true],
    ['the same silence with room for thinking', 10_000, 17, true],
    ['silence in which a slow model writes 64 tokens', 22_800, 64, false],
    ['less than that', 22_799, 64, true],
    ['five minutes of silence', 300_000, 4_096, false],
    ['less than that', 299_999, 4_096, true],
  ] as const)('%s (%i ms, max_tokens %i): still sending %o', (_name, silence, limit, isSending) => {
    expect(gaveUp(broken(silence, limit))).toBe(isSending);
  });

  it('is five minutes away before the first words, and where the server runs tools', () => {
    const unbegun = broken(22_800, 64, events(message()).slice(0, 2));
    expect(gaveUp(unbegun)).toBe(true);
    const tools = [{ type: 'web_search_20250305', name: 'web_search' }];
    const parts = { failure: unbegun.failure, endMs: 43_000, chunks: [{ bytes: 10, atMs: 1_000 }] };
    const withTools = (more: object) =>
      exchange({ ...parts, events: events(message()).slice(0, 4), request: { body: { max_tokens: 64, ...more } } });
    expect(gaveUp(withTools({ tools }))).toBe(true);
    expect(gaveUp(withTools({ mcp_servers: [] }))).toBe(true);
    expect(gaveUp(withTools({ tools: [{ name: 'weather' }, { type: 'custom', name: 'time' }] }))).toBe(false);
  });

  it('is near after message_delta, which is no time to think', () => {
    expect(gaveUp(broken(10_000, 512, events(message()).slice(0, -1)))).toBe(false);
  });

  it('makes a message complete', () => {
    expect(completeMessage(exchange({ events: events(message()) }))).not.toBe(null);
    expect(completeMessage(broken(100, 512))).toBe(null);
  });

  it('is told by the last stop reason that is not null', () => {
    const [start, ...rest] = events(message({ content: [toolUse()], stop_reason: 'tool_use' }));
    const delta = (stop_reason: string | null): JsonObject => ({
      type: 'message_delta',
      delta: { stop_reason },
      usage: {},
    });
    const reasons = (...all: (string | null)[]) =>
      stopReason(readStream(exchange({ events: [start!, ...all.map(delta), rest.at(-1)!] }))!);
    expect(reasons('tool_use', null)).toBe('tool_use');
    expect(reasons('end_turn', 'tool_use')).toBe('tool_use');
    expect(reasons(null)).toBe(null);
  });

  it('may be a stop sequence that is a string', () => {
    expect(stopSequences(exchange({ request: { body: { stop_sequences: ['7', 7, null] } } }))).toEqual(['7']);
    expect(stopSequences(exchange())).toEqual([]);
  });
});
