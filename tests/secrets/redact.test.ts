import { check } from 'recheck';
import { describe, expect, it } from 'vitest';
import { isPlainAddress, redactor, secretsIn, variableOf } from '../../core/redact.js';
import { mayContain, mayEscape } from '../../core/spellings.js';

/** Holds what encoders escape: a slash, a plus, a quote, an equals sign. */
const KEY = 'sk-ant/api03+Zq8"w7=Xy.T_k~5';
const redact = redactor([KEY]);
const escapedUnits = (text: string, upper: boolean): string =>
  [...text]
    .map((character) => {
      const code = character.charCodeAt(0).toString(16).padStart(4, '0');
      return `\\u${upper ? code.toUpperCase() : code}`;
    })
    .join('');
const percent = (text: string): string =>
  [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
const entities = (text: string, write: (code: number) => string): string =>
  [...text].map((character) => write(character.charCodeAt(0))).join('');
const json = (value: unknown): string => JSON.stringify(value);
const inside = (text: string): string => json(text).slice(1, -1);
const base64 = (text: string): string => Buffer.from(text).toString('base64');

const SPELLINGS: readonly (readonly [name: string, text: string])[] = [
  ['as it is', KEY],
  ['in capitals', KEY.toUpperCase()],
  ['in JSON', inside(KEY)],
  ['in JSON of PHP', inside(KEY).replaceAll('/', '\\/')],
  ['in JSON of .NET', inside(KEY).replaceAll('+', '\\u002B').replaceAll('\\"', '\\u0022')],
  ['in JSON, all of it escaped', escapedUnits(KEY, false)],
  ['in JSON, all of it escaped in capitals', escapedUnits(KEY, true)],
  ['in JSON in JSON', inside(inside(KEY))],
  ['in JSON in JSON in JSON', inside(inside(inside(KEY.replaceAll('+', '\\u002b'))))],
  ['in JSON of PHP in JSON', inside(inside(KEY).replaceAll('/', '\\/'))],
  ['percent-encoded', encodeURIComponent(KEY)],
  ['percent-encoded in small letters', encodeURIComponent(KEY).replace(/%../g, (code) => code.toLowerCase())],
  ['percent-encoded, all of it', percent(KEY)],
  ['percent-encoded twice', encodeURIComponent(encodeURIComponent(KEY))],
  ['percent-encoded in JSON of .NET', percent(KEY).replaceAll('%', '\\u0025')],
  ['as decimal entities', entities(KEY, (code) => `&#${code};`)],
  ['as hexadecimal entities', entities(KEY, (code) => `&#x${code.toString(16).toUpperCase()};`)],
  ['as named entities', KEY.replaceAll('"', '&quot;').replaceAll('/', '&sol;').replaceAll('+', '&plus;')],
  ['as entities in entities', KEY.replaceAll('"', '&amp;quot;')],
  ['as entities in JSON of .NET', KEY.replaceAll('"', '\\u0026quot;')],
  ['in base64', base64(KEY)],
  ['in base64 after one byte', base64(`u${KEY}`)],
  ['in base64 after two bytes', base64(`u:${KEY}`)],
  ['in base64 of user and key', base64(`user:${KEY}`)],
  ['in base64 of JSON', base64(`{"key":"${KEY}"}`)],
  ['in base64 of URLs', Buffer.from(`ab:${KEY}`).toString('base64url')],
  ['in base64, percent-encoded', encodeURIComponent(base64(`??${KEY}>>`))],
  ['in base64 with line ends', base64(KEY).replace(/.{8}/g, '$&\r\n')],
  ['in base64 with line ends in JSON', inside(base64(KEY).replace(/.{8}/g, '$&\n'))],
  ['in hex', Buffer.from(KEY).toString('hex')],
  ['in hex of capitals', Buffer.from(KEY).toString('hex').toUpperCase()],
  ['as bytes of a dump', [...Buffer.from(KEY)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')],
  ['as escapes of bytes', [...Buffer.from(KEY)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')],
];

describe('a secret is masked', () => {
  it.each(SPELLINGS)('%s', (_name, text) => {
    const around = `{"before":1,"echo":"${text}","after":2}`;
    const masked = redact(around);
    expect(masked).not.toContain(text);
    expect(masked).toMatch(/^\{"before":1,"echo":"[^"]*\*{8}[^"]*","after":2\}$/s);
    expect(Buffer.byteLength(masked)).toBe(Buffer.byteLength(around));
    // A bit or two of a neighbour may stay at either end of base64.
    expect(masked.replace(/[\r\n*]/g, '').length).toBeLessThan(around.length - text.replace(/[\r\n]/g, '').length + 20);
    expect(redact(masked)).toBe(masked);
  });

  it('and the JSON around it stays JSON, whatever escapes it was written with', () => {
    for (const [, text] of SPELLINGS.slice(2, 10)) {
      const around = `{"a":"x\\\\${text}\\n","b":"${text}"}`;
      expect(() => JSON.parse(redact(around)), text).not.toThrow();
    }
  });

  it('as often as it stands there', () => {
    expect(redact(`${KEY} and ${KEY}`)).toBe(`${'*'.repeat(28)} and ${'*'.repeat(28)}`);
  });

  it('with all of its bytes where it is no ASCII', () => {
    const secret = 'clé-très-secrète';
    for (const text of [secret, encodeURIComponent(secret), escapedUnits(secret, false), base64(secret)]) {
      const masked = redactor([secret])(`<${text}>`);
      expect(masked, text).toMatch(/^<\*{12,}[^*]{0,4}>$/);
      expect(Buffer.byteLength(masked)).toBe(Buffer.byteLength(`<${text}>`));
    }
  });

  it('which is shorter than six characters is not looked for: it may be part of any word', () => {
    expect(redactor(['none', ''])('none of these')).toBe('none of these');
  });
});

describe('a secret in parts', () => {
  const PARTS = [KEY.slice(0, 5), KEY.slice(5, 11), KEY.slice(11)];
  const event = (delta: object, index = 0): string =>
    `event: content_block_delta\ndata: ${json({ type: 'content_block_delta', index, delta })}\n\n`;
  const expectNone = (body: string): void => {
    const masked = redact.body(body);
    expect(Buffer.byteLength(masked)).toBe(Buffer.byteLength(body));
    for (const part of PARTS) expect(masked).not.toContain(inside(part));
    expect(masked.split('\n').map((line) => line.slice(0, 5))).toEqual(
      body.split('\n').map((line) => line.slice(0, 5)),
    );
    for (const line of masked.split('\n')) if (line.startsWith('data: {')) JSON.parse(line.slice(6));
  };

  it.each(['text', 'thinking', 'partial_json', 'anything'])('of deltas is masked in each: %s', (name) => {
    expectNone(PARTS.map((part) => event({ type: 'x_delta', [name]: part })).join(''));
  });

  it('of fragments of JSON, an escape split in two, is masked', () => {
    const input = `{"key":"${KEY.replaceAll('"', '\\u0022')}"}`;
    const at = input.indexOf('\\u0022') + 3;
    const body = [input.slice(0, at), input.slice(at)].map((part) => event({ partial_json: part })).join('');
    expect(redact.body(body)).not.toContain(KEY.slice(0, 8));
    expect(redact.body(body)).not.toContain(KEY.slice(-8));
  });

  it('of two blocks that take turns is masked', () => {
    const body = PARTS.map((part) => event({ text: part }) + event({ text: 'another' }, 1)).join('');
    expectNone(body);
    expect(redact.body(body)).toContain('another');
  });

  it('of single characters is masked', () => {
    const masked = redact.body([...KEY].map((character) => event({ text: character })).join(''));
    expect(masked.match(/"text":"\*+"/g)).toHaveLength(KEY.length);
  });

  it('of text blocks of a reply is masked', () => {
    expectNone(json({ content: PARTS.map((text) => ({ type: 'text', text })) }));
  });

  it('of lines of a stream that are no JSON is masked', () => {
    expectNone(PARTS.map((part) => `data:${part}\n\n`).join(''));
  });

  it('that never come together stays: nobody can read it there', () => {
    const body = event({ text: PARTS[0] }) + event({ text: 'in between' }) + event({ text: PARTS[1] });
    expect(redact.body(body)).toBe(body);
  });
});

describe('the time that masking takes', () => {
  it.each([
    // Both parts of one form and the first of another; what follows is not looked for.
    ['a key', mayContain(['sk-ant/api03+zq8"w7=xy.t_k~5', 'c2stynqv'])],
    ['a secret of the letters of escapes', mayContain(['nrtnrtnrtnrtnrt', 'uxuxuxux0000'])],
    ['escapes', mayEscape('sk-ant/api03+zq8"w7=xy.t_k~5')],
  ])('is linear by the patterns that are made for it: %s', async (_name, { source, flags }) => {
    expect((await check(source, flags, { timeout: 240_000 })).status).toBe('safe');
  });

  it.each([
    ['backslashes', '\\'.repeat(400_000)],
    ['open quotes', '"\\'.repeat(200_000)],
    ['percent signs', '%'.repeat(400_000)],
    ['entities without end', '&#'.repeat(200_000)],
    ['blanks', ' '.repeat(400_000)],
    ['lines without a quote', `${'\n'.repeat(400_000)}"`],
    ['lines of one quote', '"\n'.repeat(200_000)],
    ['backslashes after the beginning of the key', `${KEY[0]}${'\\'.repeat(400)}`.repeat(1_000)],
    ['line breaks after the beginning of the key', `${KEY[0]}${'\\n\\\\r \n'.repeat(100)}`.repeat(500)],
    ['nearly the key', KEY.slice(0, -1).repeat(15_000)],
    ['the key', json(KEY).repeat(13_000)],
    ['the key in parts', `data: {"text":"${KEY.slice(0, 9)}"}\ndata: {"text":${json(KEY.slice(9))}}\n`.repeat(4_000)],
  ])('grows with the length of the text, not with its square: %s', (_name, text) => {
    // A quadratic pattern would need minutes here, and the test its time limit.
    expect(redact.body(text)).toHaveLength(text.length);
  });
});

describe('the secrets of a header', () => {
  it.each([
    ['Bearer abc-def-ghi', ['Bearer abc-def-ghi', 'abc-def-ghi']],
    [
      `Basic ${base64('user:pass:word')}`,
      [`Basic ${base64('user:pass:word')}`, base64('user:pass:word'), 'user:pass:word', 'pass:word'],
    ],
    ['session=abc123; other="d e f"', ['session=abc123; other="d e f"', 'abc123', 'd e f']],
    ['plain', ['plain']],
  ])('%s', (value, secrets) => {
    expect(secretsIn(value)).toEqual(secrets);
  });

  it('have a name that a shell can read', () => {
    expect(['helicone-auth', 'x.y', '2fa'].map(variableOf)).toEqual(['HELICONE_AUTH', 'X_Y', '_2FA']);
  });
});

describe('the address of an upstream in a header', () => {
  it.each(['http://127.0.0.1:8788/v1', 'https://api.example.com/openai/v1beta1/', 'https://gateway.example.com'])(
    '%s is no secret',
    (address) => expect(isPlainAddress(address)).toBe(true),
  );

  it.each([
    'https://user:password@example.com/v1',
    'https://example.com/v1?key=abcdef',
    'https://hooks.example.com/services/T024F9P2K/B024F9P2K/x7Zq81nP',
    'https://example.com/v1/3f9c2b7a-1f0e-4c8e-9f6e-2a3b4c5d6e7f',
    'Bearer https://example.com',
    'sk-secret-1234567890',
  ])('%s may be one', (value) => expect(isPlainAddress(value)).toBe(false));
});
