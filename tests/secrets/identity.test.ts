import { expect, it } from 'vitest';
import type { ReceivedResponse } from '../../core/exchange.js';
import { run } from '../../runner/index.js';
import { withoutIdentity } from '../../runner/send/identity.js';
import { failure, httpServer, json } from '../support/http-server.js';

const ORGANIZATION = '1f0c5a7e-9d2b-4c3d-8e4f-0a1b2c3d4e5f';
const response = (headers: [string, string][], body = '{}'): ReceivedResponse => ({
  status: 200,
  headers,
  body,
  bodyEncoding: 'utf8',
  chunks: [],
  headersMs: 1,
  endMs: 2,
});

it.each([
  ['set-cookie', 'session=s3cr3t-cookie; Path=/; HttpOnly', 'session=*************; Path=/; HttpOnly'],
  ['set-cookie', 'no pair', 'no pair'],
  ['anthropic-organization-id', ORGANIZATION, '*'.repeat(36)],
  ['openai-organization', 'org-AbC123', '*'.repeat(10)],
  ['x-workspace-id', 'wrkspc_01', '*'.repeat(9)],
  ['request-id', 'req_1', 'req_1'],
  ['organizational', 'x', 'x'],
])('of the header %s: %s', (name, value, shown) => {
  expect(withoutIdentity(response([[name, value]])).headers).toEqual([[name, shown]]);
});

it('ids in a body are masked, each byte by one', () => {
  const body = `{"organization_id": "${ORGANIZATION}","workspace_id":"wrkspc_ü1","note":"of ${ORGANIZATION}","id":"msg_1"}`;
  const { body: shown } = withoutIdentity(response([], body));
  expect(shown).toBe(
    `{"organization_id": "${'*'.repeat(36)}","workspace_id":"${'*'.repeat(10)}","note":"of ${'*'.repeat(36)}","id":"msg_1"}`,
  );
  expect(Buffer.byteLength(shown)).toBe(Buffer.byteLength(body));
});

it('an id of a header is masked in the error that names it', () => {
  const { body } = withoutIdentity(response([['anthropic-organization-id', ORGANIZATION]], `limit of ${ORGANIZATION}`));
  expect(body).toBe(`limit of ${'*'.repeat(36)}`);
});

it('a word is no id: it stays where it means something else', () => {
  const { body } = withoutIdentity(response([['anthropic-organization-id', 'message']], '{"type":"message"}'));
  expect(body).toBe('{"type":"message"}');
});

it('reports hold none of them', async () => {
  const server = await httpServer((_request, answer) =>
    json(answer, 429, failure('rate_limit_error', `organization ${ORGANIZATION} is over its limit`), {
      'anthropic-organization-id': ORGANIZATION,
      'set-cookie': '__cf_bm=c00kie-value-xyz; Path=/',
    }),
  );
  const { report } = await run({
    url: server.url,
    model: 'm',
    apiKey: 'key-of-the-target-9876',
    only: ['http.post.messages'],
  });
  await server.close();
  expect(JSON.stringify(report)).not.toMatch(new RegExp(`${ORGANIZATION}|c00kie`));
});
