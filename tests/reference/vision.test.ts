import { describe, expect, it } from 'vitest';
import { png, square } from './assets.js';
import { assistant, client, text, toolResult, toolUse, user } from './client.js';

const { post, ask } = client();

const RED: [number, number, number] = [255, 0, 0];
const BLUE: [number, number, number] = [20, 40, 230];
const image = (data: string, media_type = 'image/png') => ({
  type: 'image',
  source: { type: 'base64', media_type, data },
});
/** A picture whose header claims 9000 pixels. */
function wide(): string {
  const bytes = Buffer.from(png([255, 0, 0], 1));
  bytes.writeUInt32BE(9000, 16);
  return bytes.toString('base64');
}

const question = text('Which colour? One word.');

describe('pictures', () => {
  it.each([
    ['image/png', square.png],
    ['image/gif', square.gif],
    ['image/jpeg', square.jpeg],
    ['image/webp', square.webp],
  ] as const)('of type %s are seen', async (media_type, make) => {
    expect(await ask([image(make(RED), media_type), question])).toBe('red');
    expect(await ask([image(make(BLUE), media_type), question])).toBe('blue');
    expect(await ask([image(make([0, 128, 0]), media_type), question])).toBe('green');
  });

  it('are told apart by their order', async () => {
    const both = [image(square.png(RED)), image(square.png([255, 255, 0]))];
    expect(await ask([...both, text('What is the colour of the second picture?')])).toBe('yellow');
    expect(await ask([...both, text('Which colours do you see?')])).toBe('red, yellow');
  });

  it('are seen in tool results', async () => {
    const messages = [
      user('Take a screenshot. Which colour is it?'),
      assistant([toolUse('t1', 'screenshot', {})]),
      user([toolResult('t1', [image(square.png(BLUE))])]),
    ];
    const { json } = await post({ messages });
    expect(json.content[0].text).toContain('blue');
  });

  it('cost input tokens', async () => {
    const plain = await post({ messages: [user([question])] });
    const seen = await post({ messages: [user([image(square.png(RED)), question])] });
    expect(seen.json.usage.input_tokens).toBeGreaterThan(plain.json.usage.input_tokens);
  });

  it.each([
    ['of another media type', image(square.png(RED), 'image/bmp'), /media_type/],
    ['under the wrong media type', image(square.png(RED), 'image/jpeg'), /image\/jpeg media type.*image\/png/],
    ['in something that is no base64', image('###'), /base64/],
    ['of bytes that are no picture', image(Buffer.from('hello').toString('base64')), /Could not process image/],
    ['broken off', image(Buffer.from(png(RED, 64).subarray(0, 50)).toString('base64')), /Could not process image/],
    ['too wide', image(wide()), /8000 pixels/],
    [
      'at an address',
      { type: 'image', source: { type: 'url', url: 'https://unreachable.invalid/x.png' } },
      /Unable to download/,
    ],
    ['of unknown source', { type: 'image', source: { type: 'disk', path: 'x' } }, /source/],
  ])('%s are a 400', async (_, block, fragment) => {
    const reply = await post({ messages: [user([block, question])] });
    expect([reply.status, reply.json.error.type]).toEqual([400, 'invalid_request_error']);
    expect(reply.json.error.message).toMatch(fragment);
    expect(reply.json.error.message).toMatch(/^messages\.0\.content\.0/);
  });

  it('are refused, not dropped, by an endpoint that cannot see', async () => {
    const blind = client({ features: { vision: false } });
    const reply = await blind.post({ messages: [user([image(square.png(RED)), question])] });
    expect([reply.status, reply.json.error.message]).toEqual([400, expect.stringMatching(/does not support images/)]);
    const inside = [user('x'), assistant([toolUse('t1')]), user([toolResult('t1', [image(square.png(RED))])])];
    expect((await blind.post({ messages: inside })).status).toBe(400);
  });
});
