/** Compares the message that a client returned with the message that the events of the stream build. */

import type { Json, JsonObject } from '../../core/json.js';
import { get, isObject } from '../../core/json.js';
import { wasTruncated } from '../judging/tool-views.js';

/** One difference. */
export interface Difference {
  /** JSON pointer into the message. */
  pointer: string;
  client: Json | undefined;
  bytes: Json | undefined;
}

const FIELDS = [['id'], ['role'], ['model'], ['stop_reason'], ['stop_sequence']] as const;
/** Counts that clients copy. They do not promise other fields of `usage`. */
const COUNTS = ['input_tokens', 'output_tokens', 'cache_creation_input_tokens', 'cache_read_input_tokens'];

/** Differences in fields that callers read. Absent and null are equal, and fields that clients add do not count. */
export function differences(client: JsonObject, bytes: JsonObject): Difference[] {
  const paths = [...FIELDS, ...COUNTS.map((name) => ['usage', name])];
  return [
    ...paths.flatMap((path) => compare(`/${path.join('/')}`, get(client, ...path), get(bytes, ...path))),
    ...contentDifferences(client, bytes),
  ];
}

function contentDifferences(client: JsonObject, bytes: JsonObject): Difference[] {
  const [mine, theirs] = [client.content, bytes.content];
  if (!Array.isArray(mine) || !Array.isArray(theirs) || mine.length !== theirs.length)
    return compare('/content', mine, theirs);
  // Clients may parse an incomplete input in different ways.
  const halfCall = wasTruncated(bytes) ? theirs.findLastIndex((block) => get(block, 'type') === 'tool_use') : -1;
  return theirs.flatMap((block, index) => {
    const half = index === halfCall;
    return compare(
      `/content/${index}`,
      half ? withoutInput(mine[index]) : mine[index],
      half ? withoutInput(block) : block,
    );
  });
}

function withoutInput(block: Json | undefined): Json | undefined {
  return isObject(block) ? { ...block, input: null } : block;
}

const compare = (pointer: string, client: Json | undefined, bytes: Json | undefined): Difference[] =>
  isSame(client, bytes) ? [] : [{ pointer, client, bytes }];

/** Values come from the target and may be nested deeply; deeper levels count as equal. */
const MAX_DEPTH = 100;

/** Whether two values from a target are equal; absent and null are. */
export function isSame(a: Json | undefined, b: Json | undefined, depth = 0): boolean {
  if (depth > MAX_DEPTH || (a ?? null) === (b ?? null)) return true;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, index) => isSame(item, b[index], depth + 1));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)].filter((key) => key !== 'parsed_output'));
  return [...keys].every((key) => isSame(get(a, key), get(b, key), depth + 1));
}
