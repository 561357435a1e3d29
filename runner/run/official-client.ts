/**
 * Lets the official TypeScript client carry out one request, over the runner's own network, and tells what the client made
 * of the answer. It never throws for what a target does: what the client throws is its outcome.
 */

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { MessageCreateParamsNonStreaming } from '@anthropic-ai/sdk/resources/messages.js';
import type { ClientOutcome } from '../../core/exchange.js';
import type { Json, JsonObject } from '../../core/json.js';
import { redactor } from '../../core/redact.js';
import { loadCompressed } from '../../validation/compressed.js';
import { printable } from '../send/failures.js';
import type { Received } from '../send/network.js';

/** What the client wants to send, as it hands it to its `fetch`. */
interface ClientInit {
  method?: string;
  headers: Headers;
  body?: string;
}

export interface ClientDrive {
  body: JsonObject;
  /** `messages.stream(…).finalMessage()` instead of `messages.create(…)`. */
  stream: boolean;
  /** Without `/v1`, which the client appends itself. */
  baseUrl: string;
  /** `null`: no credential is sent. */
  apiKey: string | null;
  /** Bound that `fetch` keeps, in milliseconds. */
  timeoutMs: number;
  /** Sends and records; called at most once. */
  fetch: (url: string, init: ClientInit) => Promise<Received>;
}

/** Time that the client has beyond the bound of its `fetch`, so that the recorded exchange is what ends the wait. */
const SLACK_MS = 60_000;
const MAX_TEXT = 500;

interface Sdk {
  Anthropic: typeof import('@anthropic-ai/sdk/client.js')['Anthropic'];
  VERSION: string;
}

/**
 * The client, loaded when it is needed. Of the version that the build knows, what it has stored of it loads in a third of the time of the
 * installed files; of another version, and in the sources, those are loaded.
 */
async function load(): Promise<Sdk> {
  const { VERSION } = await import('@anthropic-ai/sdk/version.js');
  const stored = fileURLToPath(new URL(`official-client-${VERSION}.cjs.br`, import.meta.url));
  const client = existsSync(stored)
    ? loadCompressed<typeof import('@anthropic-ai/sdk/client.js')>(stored)
    : await import('@anthropic-ai/sdk/client.js');
  return { Anthropic: client.Anthropic, VERSION };
}

/** Whether the client can be loaded: it is an optional dependency. */
export async function isClientInstalled(): Promise<boolean> {
  try {
    await import('@anthropic-ai/sdk/version.js');
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_MODULE_NOT_FOUND') return false;
    throw error;
  }
}

let loaded: Promise<Sdk> | undefined;

export async function driveClient(drive: ClientDrive): Promise<ClientOutcome> {
  loaded ??= load();
  const sdk = await loaded;
  const client = construct(sdk, drive);
  const base = { name: 'sdk-typescript', version: sdk.VERSION } as const;
  try {
    const { stream: _, ...body } = drive.body;
    const params = body as unknown as MessageCreateParamsNonStreaming;
    if (drive.stream) {
      const helper = quietly(() => client.messages.stream(params));
      const blocks: Json[] = [];
      helper.on('contentBlock', (block) => blocks.push(plain(block)));
      const message = plain(await helper.finalMessage());
      return { ...base, message, blocks, requestId: helper.request_id ?? null };
    }
    const message: unknown = await quietly(() => client.messages.create(params));
    return { ...base, message: plain(message), requestId: requestIdOf(message) };
  } catch (error) {
    return { ...base, error: describe(error, drive.apiKey) };
  }
}

/** The client writes to the console when a model is on its list of deprecated ones, which is no news to who judges a target. */
function quietly<T>(call: () => T): T {
  const { warn } = console;
  console.warn = () => {};
  try {
    return call();
  } finally {
    console.warn = warn;
  }
}

function construct({ Anthropic }: Sdk, drive: ClientDrive) {
  return withoutForeignHeaders(
    () =>
      new Anthropic({
        baseURL: drive.baseUrl,
        // A key stands here in any case: without one the client would look for credentials on this machine.
        apiKey: drive.apiKey ?? 'none',
        ...(drive.apiKey === null ? { defaultHeaders: { authorization: null } } : {}),
        maxRetries: 0,
        timeout: drive.timeoutMs + SLACK_MS,
        logLevel: 'off',
        openTelemetry: false,
        fetch: async (url, init) =>
          asResponse(
            await drive.fetch(String(url), {
              method: init?.method,
              headers: new Headers(init?.headers),
              ...(typeof init?.body === 'string' ? { body: init.body } : {}),
            }),
          ),
      }),
  );
}

/** The client adds the headers of this variable to every request; they are meant for another endpoint, and may be secret. */
function withoutForeignHeaders<T>(make: () => T): T {
  const name = 'ANTHROPIC_CUSTOM_HEADERS';
  const value = process.env[name];
  delete process.env[name];
  try {
    return make();
  } finally {
    if (value !== undefined) process.env[name] = value;
  }
}

/** The recorded answer as the client's `fetch` would have delivered it, failures included. */
function asResponse({ response, failure }: Received): Response {
  if (response === null) throw new TypeError('fetch failed', { cause: new Error(failure?.message ?? 'no answer') });
  if (response.status < 200 || response.status > 599)
    throw new TypeError(`fetch failed: HTTP ${response.status} is no status of an answer`);
  const headers = new Headers();
  const encoded = response.headers.some(([name]) => name === 'content-encoding');
  for (const [name, value] of response.headers) {
    // The body is decoded already: what described the encoded one no longer holds.
    if (name === 'content-encoding' || (encoded && name === 'content-length')) continue;
    try {
      headers.append(name, value);
    } catch {
      // A header that fetch would not let through is not seen by its callers either.
    }
  }
  const empty = [204, 205, 304].includes(response.status);
  const bytes = Buffer.from(response.body, response.bodyEncoding === 'base64' ? 'base64' : 'utf8');
  // A connection left open behind message_stop was cut here to save time: a client waits, and then has everything.
  const whole = failure === null || (failure.kind === 'timeout-body' && bytes.includes('"message_stop"'));
  return new Response(empty ? null : whole ? bytes : cutOff(bytes, failure.message), {
    status: response.status,
    headers,
  });
}

/** A body that breaks off behind its bytes. */
function cutOff(bytes: Uint8Array, reason: string): ReadableStream<Uint8Array> {
  let sent = false;
  return new ReadableStream({
    pull(controller) {
      if (sent || bytes.length === 0) controller.error(new TypeError('terminated', { cause: new Error(reason) }));
      else controller.enqueue(bytes);
      sent = true;
    },
  });
}

/** What the client returned, as JSON; its own additions that are no enumerable fields are left out. */
function plain(value: unknown): Json {
  const text = JSON.stringify(value);
  return text === undefined ? null : (JSON.parse(text) as Json);
}

function requestIdOf(message: unknown): string | null {
  const id = (message as { _request_id?: unknown } | null | undefined)?._request_id;
  return typeof id === 'string' ? id : null;
}

function describe(thrown: unknown, apiKey: string | null): NonNullable<ClientOutcome['error']> {
  const error = (typeof thrown === 'object' && thrown !== null ? thrown : {}) as {
    name?: unknown;
    message?: unknown;
    status?: unknown;
    type?: unknown;
    requestID?: unknown;
  };
  const redact = redactor(apiKey === null ? [] : [apiKey]);
  const text = (value: unknown) => clip(typeof value === 'string' ? redact(value) : null);
  return {
    class: text(error.name) ?? 'Error',
    message: text(error.message) ?? clip(redact(String(thrown))) ?? '',
    status: typeof error.status === 'number' ? error.status : null,
    type: text(error.type),
    requestId: text(error.requestID),
  };
}

const clip = (text: string | null): string | null => (text === null ? null : printable(text.slice(0, MAX_TEXT)));
