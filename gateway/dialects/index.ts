import type { Speaks } from '../../core/upstream.js';
import { UsageError } from '../../runner/usage-error.js';
import type { Dialect } from './dialect.js';
import { messages } from './messages/index.js';
import { openaiChat } from './openai-chat/index.js';
import { openaiResponses } from './openai-responses/index.js';

export type { Dialect } from './dialect.js';

/** Every API that the upstream can speak. */
export const DIALECTS: readonly Dialect[] = [openaiChat, openaiResponses, messages];

export function dialectOf(speaks: Speaks): Dialect {
  const dialect = DIALECTS.find(({ name }) => name === speaks);
  if (dialect === undefined) throw new Error(`there is no dialect "${speaks}"`);
  return dialect;
}

/** The API of this name. Throws `UsageError` for any other; `where` says where the name stands. */
export function speaksNamed(name: string, where: string): Speaks {
  const names = DIALECTS.map((dialect) => dialect.name);
  const found = names.find((one) => one === name);
  if (found !== undefined) return found;
  throw new UsageError(
    `${where}: the upstream of the suite does not speak ${JSON.stringify(name)}; it speaks ${names.join(', ')}`,
  );
}

/** Endpoints of the APIs by the end of their paths: gateways differ in what comes before it. */
const ENDPOINTS: readonly (readonly [RegExp, Speaks])[] = [
  [/\/chat\/completions\/?$/, 'openai-chat'],
  [/\/responses\/?$/, 'openai-responses'],
  [/\/messages\/?$/, 'messages'],
];

/** The API that a path belongs to; `null` for a path of none. */
export const apiAt = (path: string): Speaks | null => ENDPOINTS.find(([end]) => end.test(path))?.[1] ?? null;
