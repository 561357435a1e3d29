import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { compileFunction } from 'node:vm';
import { brotliDecompressSync } from 'node:zlib';

/**
 * Loads a CommonJS module that the build stored compressed: as plain code such modules would be half of the package. Throws what
 * reading, unpacking and running it throw. What it requires is looked for from here.
 */
export function loadCompressed<Exports>(file: string): Exports {
  const code = brotliDecompressSync(readFileSync(file)).toString();
  const module = { exports: {} };
  const load = compileFunction(code, ['module', 'exports', 'require'], { filename: file });
  load(module, module.exports, createRequire(import.meta.url));
  return module.exports as Exports;
}
