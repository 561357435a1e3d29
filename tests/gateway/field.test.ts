/** What runs against real gateways showed about the suite: docs/field-notes.md. */

import { expect, it } from 'vitest';
import { get, isObject, type Json, type JsonObject } from '../../core/json.js';
import { idsWith, judgedGateway } from './support.js';

it('a server tool that becomes a function is judged once, and said as it is', async () => {
  const incoming = (body: JsonObject): JsonObject => ({
    ...body,
    tools: [body.tools ?? []]
      .flat()
      .map((tool) =>
        get(tool, 'type') === undefined ? tool : { name: 'web_search', input_schema: { type: 'object' } },
      ),
  });
  const report = await judgedGateway({
    only: ['gw.request.tools.server', 'gw.request.nothing-invented'],
    embedded: {
      alterations: { incoming: (body) => (Array.isArray(body.tools) ? incoming(body) : body) },
    },
  });
  expect(idsWith(report, 'fail')).toEqual(['gw.request.tools.server']);
  expect(report.results.find(({ verdict }) => verdict === 'fail')?.findings[0]).toMatchObject({
    message: expect.stringContaining('web_search_20250305 becomes a function that the client has to run, and cannot.'),
    actual: 'the function web_search',
  });
});

it('a web search that arrives as web_search_options of OpenAI is carried over', async () => {
  const report = await judgedGateway({
    only: ['gw.request.tools.server', 'gw.request.nothing-invented', 'gw.request.valid'],
    embedded: {
      alterations: {
        incoming: ({ tools: _, ...body }) => body,
        outgoing: (body) => ({ ...body, web_search_options: {} }),
      },
    },
  });
  expect(idsWith(report, 'fail')).toEqual([]);
  expect(idsWith(report, 'pass')).toContain('gw.request.tools.server');
});

it('an invalid part of a list is named, not the list that could have been a text', async () => {
  const withExtra = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(withExtra);
    if (!isObject(value)) return value;
    const members = Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withExtra(member!)]));
    return 'image_url' in value ? { ...members, media_type: 'image/png' } : members;
  };
  const report = await judgedGateway({
    only: ['gw.request.valid'],
    with: ['picture'],
    embedded: { alterations: { outgoing: (body) => withExtra(body) as JsonObject } },
  });
  const [result] = report.results.filter(({ verdict }) => verdict === 'fail');
  expect(result?.findings[0]?.actual).toBe(
    '/messages/0/content/1/media_type: expected no field of this name, got the string "image/png".',
  );
});

it('errors in the envelope of another API are one cause, with what gateways are asked about failures', async () => {
  const report = await judgedGateway({
    only: ['gw.errors.*', 'err.envelope.*'],
    embedded: {
      alterations: {
        error: (answer) => ({ ...answer, body: { error: get(answer.body, 'error')! } }),
      },
    },
  });
  const cause = report.causes?.find(({ kind }) => kind === 'error-envelope');
  const told = report.results.filter(
    ({ verdict, findings }) =>
      verdict === 'fail' && findings.every(({ message }) => message.includes('does not arrive in the error envelope')),
  );
  expect(told.length).toBeGreaterThan(10);
  expect(cause?.requirements).toEqual(expect.arrayContaining(told.map(({ id }) => id)));
});

it('a stream that breaks off lacks its error event, but no client takes it for complete', async () => {
  const report = await judgedGateway({
    only: ['gw.errors.cut.event'],
    embedded: {
      alterations: {
        events: async function* (events) {
          for await (const event of events) {
            if (event.type === 'error') throw new Error('the connection is cut');
            yield event;
          }
        },
      },
    },
  });
  const [result] = report.results.filter(({ verdict }) => verdict === 'fail');
  expect(result).toMatchObject({ id: 'gw.errors.cut.event', silent: false });
});

it('thinking that is rejected by the name that OpenAI has for it is rejected by name', async () => {
  const report = await judgedGateway({
    speaks: 'openai-responses',
    only: ['gw.request.thinking'],
    embedded: {
      alterations: {
        instead: ({ request, requestId }) =>
          request.thinking === undefined
            ? null
            : {
                status: 400,
                headers: {},
                body: {
                  type: 'error',
                  error: { type: 'invalid_request_error', message: 'the model does not support reasoning.effort' },
                  request_id: requestId,
                },
              },
      },
    },
  });
  expect(idsWith(report, 'pass')).toContain('gw.request.thinking');
});

it('a response that has failed without a stream is no failure in mid-stream', async () => {
  const report = await judgedGateway({
    speaks: 'openai-responses',
    only: ['gw.errors.failed', 'gw.errors.cut'],
    embedded: { alterations: { error: (answer) => ({ ...answer, status: 200, body: { id: 'resp_1' } }) } },
  });
  expect(idsWith(report, 'fail')).toEqual(['gw.errors.failed']);
});

it('a lost picture is called lost where the texts around it are joined', async () => {
  const withoutPictures = (body: JsonObject): JsonObject => ({
    ...body,
    messages: [body.messages ?? []].flat().map((message) => {
      const content = get(message, 'content');
      const texts = Array.isArray(content) ? content.map((part) => get(part, 'text') ?? '').join('') : content!;
      return { ...(message as JsonObject), content: texts };
    }),
  });
  const report = await judgedGateway({
    only: ['gw.request.picture'],
    embedded: { alterations: { outgoing: withoutPictures } },
  });
  const [result] = report.results.filter(({ id }) => id === 'gw.request.picture');
  expect(result?.findings[0]).toMatchObject({
    message: 'A part of turn 1 (user) is lost, or parts arrive in another order.',
    expected: 'text, picture, text',
    actual: 'text',
  });
});
