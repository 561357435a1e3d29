import { FAULT_FAMILIES, FAULTS } from '../../reference/faults/index.js';
import { startEndpoint } from '../../reference/serve.js';
import { loadContract } from '../contract/contracts.js';
import { endpointOptions } from '../run/embedded.js';
import { nearest, UsageError } from '../usage-error.js';
import { print } from './output.js';

interface ServeOptions {
  port: number;
  host: string;
  apiKeyEnv?: string;
  contract?: string;
  fault?: string[];
  listFaults?: boolean;
}

/** `messages-conformance serve`: runs until it is interrupted. With `--list-faults` it names the faults and ends. */
export async function serveCommand(options: ServeOptions): Promise<number> {
  if (options.listFaults) {
    print(faultList());
    return 0;
  }
  const { port, host } = options;
  const faults = options.fault ?? [];
  const unknown = faults.find((id) => !FAULT_IDS.includes(id));
  if (unknown !== undefined)
    throw new UsageError(
      `--fault ${unknown}: there is no such fault; ${nearest(unknown, FAULT_IDS)} (--list-faults names all)`,
    );
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new UsageError(`--port ${port}: expected a number from 0 to 65535`);
  const apiKey = options.apiKeyEnv === undefined ? undefined : process.env[options.apiKeyEnv];
  if (options.apiKeyEnv !== undefined && !apiKey)
    throw new UsageError(`--api-key-env ${options.apiKeyEnv}: this variable is not set`);
  const contract = await loadContract(options.contract ?? 'anthropic');
  const endpoint = await startEndpoint({ ...endpointOptions(contract), faults, port, host, apiKey }).catch(
    (error: NodeJS.ErrnoException) => {
      throw new UsageError(`--port ${port}: cannot listen there (${error.code ?? error.message})`);
    },
  );
  print(
    `The reference endpoint listens on ${endpoint.url} and speaks the dialect of ${contract.name}${faults.length > 0 ? `, with ${faults.join(', ')}` : ''}. ${options.apiKeyEnv === undefined ? 'Any key is taken' : `The key is that of ${options.apiKeyEnv}`}. Ctrl-C ends it.\n`,
  );
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  await endpoint.close();
  return 0;
}

const FAULT_IDS = FAULTS.map(({ id }) => id);

function faultList(): string {
  const width = Math.max(...FAULT_IDS.map((id) => id.length));
  const families = FAULT_FAMILIES.map(({ name, title, faults }) =>
    [
      `${name}: ${title}`,
      ...faults.map(({ id, level, title }) => `  ${id.padEnd(width)}  ${level.padEnd(6)}  ${title}`),
    ].join('\n'),
  );
  return `${families.join('\n\n')}\n\n${FAULTS.length} faults\n`;
}
