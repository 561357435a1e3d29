import { encode } from 'jpeg-js';
import { describe, expect, it } from 'vitest';
import { jpeg, png, pngOf, square } from './assets.js';
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

  it('are distinguished by their order', async () => {
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

  it('are rejected, not dropped, by an endpoint without vision', async () => {
    const blind = client({ features: { vision: false } });
    const reply = await blind.post({ messages: [user([image(square.png(RED)), question])] });
    expect([reply.status, reply.json.error.message]).toEqual([400, expect.stringMatching(/does not support images/)]);
    const inside = [user('x'), assistant([toolUse('t1')]), user([toolResult('t1', [image(square.png(RED))])])];
    expect((await blind.post({ messages: inside })).status).toBe(400);
  });
});

/** A photo of an encoder that the endpoint has not seen: a plain colour, or noise. */
function photo(width: number, height: number, pixel: (index: number) => number): Buffer {
  const data = Buffer.alloc(width * height * 4);
  for (let index = 0; index < data.length; index += 1) data[index] = pixel(index);
  return encode({ data, width, height }, 80).data;
}
const flat =
  ([red, green, blue]: [number, number, number]) =>
  (index: number) =>
    [red, green, blue, 255][index % 4]!;

describe('pictures of other encoders', () => {
  it('are seen: a JPEG with several blocks', async () => {
    const data = photo(320, 200, flat([30, 60, 200])).toString('base64');
    expect(await ask([image(data, 'image/jpeg'), question])).toBe('blue');
  });

  it('are measured: tokens follow the size, not the content', async () => {
    const cost = async (picture: Buffer) => {
      const { json } = await post({ messages: [user([image(picture.toString('base64'), 'image/jpeg'), question])] });
      return json.usage.input_tokens;
    };
    const noise = photo(300, 300, (index) => (index * 7_919) % 256);
    expect(await cost(photo(300, 300, flat([255, 0, 0])))).toBe(await cost(noise));
  });

  it.each<[string, Buffer]>([
    ['that ends in its header', Buffer.from(jpeg(RED).subarray(0, 40))],
    ['that ends in its pixels', photo(64, 64, (index) => index % 256).subarray(0, -400)],
    ['of random bytes', Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.alloc(500, 0x5a)])],
  ])('are a 400: a JPEG %s', async (_, bytes) => {
    const reply = await post({ messages: [user([image(bytes.toString('base64'), 'image/jpeg'), question])] });
    expect([reply.status, reply.json.error.message]).toEqual([400, expect.stringMatching(/Could not process image/)]);
  });
});

describe('hostile pictures', () => {
  const post64 = (bytes: Uint8Array, type = 'image/png', count = 1) =>
    post({
      messages: [
        user([...Array.from({ length: count }, () => image(Buffer.from(bytes).toString('base64'), type)), question]),
      ],
    });

  it('do not unpack to more than their header says', async () => {
    const bomb = pngOf(4, 4, Buffer.alloc(30_000_000));
    expect(bomb.length).toBeLessThan(40_000);
    const reply = await post64(bomb);
    expect([reply.status, reply.json.error.message]).toEqual([400, expect.stringMatching(/Could not process image/)]);
  });

  it('are not decoded beyond the budget of a request: their size is known, their colour is not', async () => {
    const large = pngOf(7_000, 7_000, Buffer.alloc(100));
    const reply = await post64(large);
    expect([reply.status, reply.json.content[0].text]).toEqual([200, 'unclear']);
    expect(reply.json.usage.input_tokens).toBeGreaterThan(60_000);
  });

  it('share one budget', async () => {
    const half = pngOf(5_000, 5_000, Buffer.alloc(5_000 * 15_001, 0));
    const { json } = await post({
      messages: [
        user([
          ...[half, half, half].map((bytes) => image(Buffer.from(bytes).toString('base64'))),
          text('Which colours do you see?'),
        ]),
      ],
    });
    expect(json.content[0].text).toBe('black, unclear, unclear');
  });

  it('have no more scans than pictures have', async () => {
    const bytes = Buffer.from(jpeg(RED));
    const scan = bytes.indexOf(Buffer.from([0xff, 0xda]));
    const scans = Array.from({ length: 100 }, () => bytes.subarray(scan, -2));
    const many = Buffer.concat([bytes.subarray(0, scan), ...scans, Buffer.from([0xff, 0xd9])]);
    const reply = await post64(many, 'image/jpeg');
    expect([reply.status, reply.json.content[0].text]).toEqual([200, 'unclear']);
  });

  it('of 65,535 by 65,535 pixels are rejected by their size', async () => {
    const bytes = Buffer.from(jpeg(RED));
    const frame = bytes.indexOf(Buffer.from([0xff, 0xc0]));
    bytes.writeUInt16BE(65_535, frame + 5);
    bytes.writeUInt16BE(65_535, frame + 7);
    const reply = await post64(bytes, 'image/jpeg');
    expect([reply.status, reply.json.error.message]).toEqual([400, expect.stringMatching(/8000 pixels/)]);
  });
});
