import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { decoded } from '../../tap/judging/decode.js';

it.each([
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
] as const)('a %s body is decoded in as many pieces as arrived, without a warning of Node', async (encoding, pack) => {
  const text = Array.from({ length: 200 }, (_, index) => `data: {"part":${index * 7919}}\n\n`).join('');
  const body = pack(text);
  const chunks = Array.from({ length: body.length }, (_, index) => ({ bytes: 1, atMs: index }));
  const warnings: string[] = [];
  const onWarning = ({ message }: Error): unknown => warnings.push(message);
  process.on('warning', onWarning);
  try {
    const { bytes, failure } = await decoded({
      headers: [['content-encoding', encoding]],
      body: { bytes: new Uint8Array(body), length: body.length },
      chunks,
    });
    expect(failure).toBeNull();
    expect(Buffer.from(bytes).toString('utf8')).toBe(text);
    await new Promise((resolve) => setImmediate(resolve));
    expect(warnings).toEqual([]);
  } finally {
    process.off('warning', onWarning);
  }
});
