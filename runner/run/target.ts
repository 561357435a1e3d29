/** The target of a run: given by its address, by a function in this process, or the embedded endpoint. */

import type { ApiVersion } from '../../core/protocol.js';
import { withoutEnd } from '../../core/text.js';
import type { EndpointOptions } from '../../reference/options.js';
import type { Contract } from '../contract/contracts.js';
import { isLoopback } from '../send/connections.js';
import { type FetchHandler, inProcessNetwork } from '../send/in-process.js';
import type { Network } from '../send/network.js';
import type { Target } from '../send/requests.js';
import { UsageError } from '../usage-error.js';

export interface TargetOptions {
  /** Base URL of the target. Without it the embedded reference endpoint is started on a free port. */
  url?: string;
  /**
   * The target itself, as a function in this process: no socket is opened, and what needs one is skipped. Requests name it
   * `url`, by default `http://localhost`. A function that throws is a connection that breaks off.
   */
  fetch?: FetchHandler;
  /** The key itself. The command line reads it from the variable that `apiKeyVariable` names. */
  apiKey?: string | null;
  apiKeyVariable?: string;
  model?: string;
  /** Sent with every request; every value but those of a few public headers is a secret, and reports show `$NAME` in its place. */
  headers?: Readonly<Record<string, string>>;
  /** Variables that `headers` came from, by header, for what reports show. Default: made of the header's name. */
  headerVariables?: Readonly<Record<string, string>>;
  /** Version of requests that do not name one; what holds in the other edition alone is left out. */
  apiVersion?: ApiVersion;
  /** Further options of the embedded endpoint, such as the faults that it is to have. */
  embedded?: EndpointOptions;
}

export interface OpenedTarget {
  target: Target;
  embedded: boolean;
  /** In place of sockets; absent where the target has an address. */
  network?: Network;
  notices: string[];
  close(): Promise<void>;
}

/** Credential header and version of requests that do not name one: the first that the contract documents. */
export const defaultsOf = ({ apiVersion }: Pick<TargetOptions, 'apiVersion'>, { dialect }: Contract) => ({
  credential: dialect.credentials[0] ?? 'x-api-key',
  apiVersion: apiVersion ?? dialect.versions[0] ?? '2023-06-01',
});

/** Throws `UsageError` for an address or a model that makes no sense. */
export async function openTarget(options: TargetOptions, contract: Contract): Promise<OpenedTarget> {
  const common = {
    apiKeyVariable: options.apiKeyVariable ?? 'ANTHROPIC_API_KEY',
    headers: options.headers ?? {},
    headerVariables: options.headerVariables ?? {},
    ...defaultsOf(options, contract),
  } as const;
  const url = options.url ?? (options.fetch && 'http://localhost');
  if (url === undefined) {
    const { openEmbedded } = await import('./embedded.js');
    const embedded = await openEmbedded(contract, options.embedded);
    const target = {
      ...common,
      baseUrl: embedded.url,
      apiKey: embedded.apiKey,
      isKeyPublic: true,
      model: options.model ?? embedded.model,
    };
    return { target, embedded: true, notices: [], close: embedded.close };
  }
  const { baseUrl, notices } = readBaseUrl(url);
  if (options.model === undefined)
    throw new UsageError('--model is missing: name the model that the target serves, e.g. --model claude-sonnet-4-5');
  const apiKey = options.apiKey ?? null;
  if (apiKey === null && options.fetch === undefined)
    notices.push(
      `No credential is sent: the variable ${common.apiKeyVariable} is not set. If the target wants a key, export it there, or name its variable with --api-key-env. Requirements about credentials are left out.`,
    );
  return {
    target: { ...common, baseUrl, apiKey, model: options.model },
    embedded: false,
    ...(options.fetch && { network: inProcessNetwork(options.fetch) }),
    notices,
    close: async () => {},
  };
}

/**
 * A base URL as it was meant. Official clients append `/v1/messages` themselves, so a trailing `/v1` is taken off, and said.
 * `option` names it in messages.
 */
export function readBaseUrl(given: string, option = '--url'): { baseUrl: string; notices: string[] } {
  const url = URL.canParse(given) ? new URL(given) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw new UsageError(misread(given, option));
  if (url.username !== '' || url.password !== '')
    throw new UsageError(
      `${option} holds a user name or password; put the credential into a variable and name it with --api-key-env`,
    );
  if (url.search !== '' || url.hash !== '')
    throw new UsageError(`${option} ${given}: a base URL has no query and no fragment`);
  const path = withoutEnd(url.pathname, '/');
  const stripped = path.replace(/\/v1(\/messages)?$/, '');
  const baseUrl = `${url.origin}${stripped}`;
  if (stripped === path) return { baseUrl, notices: [] };
  const notice = `The base URL ${given} already ends in ${path.slice(stripped.length)}. Official clients append /v1/messages themselves and would ask for ${url.origin}${path}/v1/messages; ${baseUrl}/v1/messages is what is judged.`;
  return { baseUrl, notices: [notice] };
}

/** `localhost:8080` parses as an address of the scheme `localhost:`. */
function misread(given: string, option: string): string {
  const withScheme = [`http://${given}`, `https://${given}`].find((one) => URL.canParse(one));
  if (withScheme !== undefined && /^(localhost|[\w-]+(\.[\w-]+)+|[\w.-]+:\d+)(:\d+)?(\/.*)?$/.test(given)) {
    const likely = isLoopback(new URL(withScheme)) ? withScheme : withScheme.replace(/^http:/, 'https:');
    return `${option} ${given}: the scheme is missing; did you mean ${option} ${likely}?`;
  }
  return URL.canParse(given)
    ? `${option} ${given}: expected http: or https:, not ${new URL(given).protocol}`
    : `${option} ${given}: not an address; expected something like https://api.example.com`;
}
