import { operations } from '../../reference/endpoint.js';
import { FAULT_FAMILIES, FAULTS } from '../../reference/faults/index.js';
import {
  DEFAULT_MODELS,
  type EndpointOptions,
  type ModelDescription,
  resolveSettings,
} from '../../reference/options.js';
import { type Answer, startEndpoint } from '../../reference/serve.js';
import { findVariant, VARIANTS, variantOptions } from '../../reference/variants/index.js';
import { loadContract } from '../contract/contracts.js';
import { endpointOptions } from '../run/embedded.js';
import { nearest, UsageError } from '../usage-error.js';
import { idList } from './id-list.js';
import { print } from './output.js';

interface ServeOptions {
  port: number;
  host: string;
  apiKeyEnv?: string;
  contract?: string;
  fault?: string[];
  variant?: string[];
  /** An earlier name of `variant`. */
  oddity?: string[];
  model?: string[];
  anyModel?: boolean;
  quiet?: boolean;
  listFaults?: boolean;
  listVariants?: boolean;
}

/** Models that the examples of a contract's document ask for. */
const MODELS_OF: Readonly<Record<string, readonly string[]>> = { 'relax-ai': ['GPT-OSS-120b'] };

/** `messages-conformance serve`: runs until it is interrupted. With `--list-faults` or `--list-variants` it prints them and ends. */
export async function serveCommand(options: ServeOptions): Promise<number> {
  if (options.listFaults) {
    print(faultList());
    return 0;
  }
  if (options.listVariants) {
    print(idList(VARIANTS, 'variants'));
    return 0;
  }
  const { port, host } = options;
  const faults = options.fault ?? [];
  const variants = [...(options.variant ?? []), ...(options.oddity ?? [])];
  check('--fault', faults, FAULT_IDS, '--list-faults names all');
  check('--variant', variants, VARIANT_IDS, '--list-variants names all');
  if (variants.length > 1) throw new UsageError(`--variant ${variants.join(', ')}: expected one variant`);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new UsageError(`--port ${port}: expected a number from 0 to 65535`);
  const apiKey = options.apiKeyEnv === undefined ? undefined : process.env[options.apiKeyEnv];
  if (options.apiKeyEnv !== undefined && !apiKey)
    throw new UsageError(`--api-key-env ${options.apiKeyEnv}: this variable is not set`);
  const contract = await loadContract(options.contract ?? 'anthropic');
  const usual = endpointOptions(contract);
  const variant = variants.length === 0 ? {} : variantOptions(findVariant(variants[0]!));
  const served: EndpointOptions = {
    ...usual,
    ...variant,
    dialect: { ...usual.dialect, ...variant.dialect },
    models: modelsOf(options, variant.models ?? DEFAULT_MODELS, contract.name),
    faults,
    apiKey,
  };
  const onAnswer = options.quiet ? undefined : (answer: Answer) => print(`${lineOf(answer)}\n`);
  const endpoint = await startEndpoint({ ...served, port, host, ...(onAnswer && { onAnswer }) }).catch(
    (error: NodeJS.ErrnoException) => {
      throw new UsageError(
        error.code === 'EADDRINUSE'
          ? `--port ${port}: another program uses this port; give another one, or 0 for any free port`
          : `--port ${port}: cannot listen there (${error.code ?? error.message})`,
      );
    },
  );
  const bends = [...faults, ...variants];
  print(
    `The reference endpoint listens on ${endpoint.url} and speaks the dialect of ${contract.name}${bends.length > 0 ? `, with ${bends.join(', ')}` : ''}. ${options.apiKeyEnv === undefined ? 'Any key is accepted, so auth.invalid fails; --api-key-env names the variable of the only accepted one' : `The accepted key is in ${options.apiKeyEnv}`}. Ctrl-C ends it.\n`,
  );
  if (!options.quiet) print(whatIsThere(served, options.anyModel ?? false));
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  await endpoint.close();
  return 0;
}

const FAULT_IDS = FAULTS.map(({ id }) => id);
const VARIANT_IDS = VARIANTS.map(({ id }) => id);

function check(option: string, ids: readonly string[], known: readonly string[], all: string): void {
  const unknown = ids.find((id) => !known.includes(id));
  if (unknown === undefined) return;
  throw new UsageError(
    `${option} ${unknown}: there is no such ${option.slice(2)}; ${nearest(unknown, known)} (${all})`,
  );
}

/** The named models first, then those of the contract's document, then the usual ones. */
function modelsOf(
  { model = [], anyModel }: ServeOptions,
  usual: readonly (string | ModelDescription)[],
  contract: string,
): ModelDescription[] {
  const names = [...new Set([...model, ...(MODELS_OF[contract] ?? [])])];
  const { models } = resolveSettings({ models: [...names, ...usual] });
  const distinct = models.filter(({ id }, index) => models.findIndex((other) => other.id === id) === index);
  return distinct.map((one, index) => (anyModel && index === 0 ? { ...one, takesAnyName: true } : one));
}

function whatIsThere(options: EndpointOptions, anyModel: boolean): string {
  const settings = resolveSettings({ ...options, faults: [] });
  const paths = operations(settings).map(([method, path]) => `${method} /v1${path}`);
  if (settings.dialect.doubledPath) paths.push('the same below /v1/v1 and /v1//v1');
  return [
    `models   ${settings.models.map(({ id }) => id).join(', ')}${anyModel ? ', and any other name' : ''}`,
    ...paths.map((path, index) => `${index === 0 ? 'paths  ' : '       '}  ${path.replace(':id', '{id}')}`),
    '',
  ].join('\n');
}

/** One request in one line: `400 POST /v1/messages  invalid_request_error: max_tokens: Field required`. */
const lineOf = ({ method, target, status, wrong }: Answer): string =>
  `${status} ${method} ${target}${wrong === null ? '' : `  ${wrong}`}`;

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
