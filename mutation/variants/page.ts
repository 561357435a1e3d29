import { VARIANT_FAMILIES, VARIANTS, type Variant } from '../../reference/variants/index.js';

/** The page that a tag of a source stands for. */
export interface SourceOfTag {
  title: string;
  url: string | null;
}

/** The table of all variants as Markdown. Deterministic; written by `npm run variants`. */
export function variantPage(sourceOf: (tag: string) => SourceOfTag): string {
  const warned = VARIANTS.filter(({ warns }) => Object.keys(warns ?? {}).length > 0);
  return [
    '# Conformant variants',
    '',
    '<!-- Written by `npm run variants` from reference/variants/. -->',
    '',
    `A conformant variant is an unusual way to answer that the protocol allows. There are ${VARIANTS.length}. A run judges the reference`,
    'endpoint with each of them, and `npm run proof` requires **no `fail`, no `error`**, and no `warn` except those named here. The',
    'contract of the run documents the choices of the variant, unless the table says otherwise.',
    '',
    `${warned.length} of them get a \`warn\`: a requirement of level SHOULD advises against them, or they differ from their contract.`,
    ...VARIANT_FAMILIES.flatMap(({ name, title, variants }) => [
      '',
      `## ${name}: ${title}`,
      '',
      '| id | what the server does | source |',
      '|---|---|---|',
      ...variants.map((variant) => `| \`${variant.id}\` | ${whatItDoes(variant)} | ${why(variant)} |`),
    ]),
    '',
    '## Sources',
    '',
    ...tags().map((tag) => {
      const { title, url } = sourceOf(tag);
      return `- ${tag}: ${url === null ? title : `[${title}](${url})`}`;
    }),
    '',
  ].join('\n');
}

function whatItDoes({ title, documents = 'own', declines = [], clientSends = {}, warns = {} }: Variant): string {
  const notes = [
    documents === 'own' ? '' : `Contract: \`${documents}\`.`,
    declines.length === 0 ? '' : `Not claimed: ${declines.join(', ')}.`,
    ...Object.entries(clientSends).map(([header, value]) => `The client sends \`${header}: ${value}\`.`),
    ...Object.entries(warns).map(([id, reason]) => `\`warn\` by \`${id}\`: ${reason}.`),
  ];
  return cell([title, ...notes.filter((note) => note !== '')].join(' '));
}

const isAddress = (source: string): boolean => source.startsWith('https:');

const tags = (): string[] => [
  ...new Set(VARIANTS.flatMap(({ source }) => source).filter((source) => !isAddress(source))),
];

const why = ({ source }: Variant): string =>
  source.map((one) => (isAddress(one) ? `[${shortened(one)}](${one})` : one)).join(', ');

/** `RFC 9110`, or the host of the page. */
function shortened(address: string): string {
  const rfc = /rfc(\d+)/.exec(address)?.[1];
  return rfc === undefined ? new URL(address).hostname : `RFC ${rfc}`;
}

const cell = (text: string): string => text.replaceAll('|', '\\|');
