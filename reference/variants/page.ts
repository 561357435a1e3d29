import { VARIANT_FAMILIES, VARIANTS, type Variant } from './index.js';

/** What a tag stands for. */
export interface SourceOfTag {
  title: string;
  url: string | null;
}

/** The table of all variants, as Markdown: the same text each time. Written by `npm run variants`. */
export function variantPage(sourceOf: (tag: string) => SourceOfTag): string {
  const warned = VARIANTS.filter(({ warns }) => Object.keys(warns ?? {}).length > 0);
  return [
    '# Unusual and right',
    '',
    '<!-- Written by `npm run variants` from reference/variants/. -->',
    '',
    `${VARIANTS.length} ways in which a server may differ from Anthropic's and still keep the protocol. In each of them the reference`,
    'endpoint is judged by a run, and the tests hold the suite to this: **no `fail`, no `error`**, and no `warn` but those',
    'that are named here. The contract of a run is what the server documents: its own choices where the table says nothing else.',
    '',
    `${warned.length} of them are advised against by a requirement of level SHOULD, or differ from what their contract documents.`,
    ...VARIANT_FAMILIES.flatMap(({ name, title, variants }) => [
      '',
      `## ${name}: ${title}`,
      '',
      '| id | what the server does | why it may |',
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

function whatItDoes({
  title,
  documents = 'own',
  declines = [],
  lacks = [],
  clientSends = {},
  warns = {},
}: Variant): string {
  const notes = [
    documents === 'own' ? '' : `Contract: \`${documents}\`.`,
    ...[[...declines, ...lacks]].flatMap((profiles) =>
      profiles.length === 0 ? [] : [`Not claimed: ${profiles.join(', ')}.`],
    ),
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

/** `RFC 9110`, or the host that has the page. */
function shortened(address: string): string {
  const rfc = /rfc(\d+)/.exec(address)?.[1];
  return rfc === undefined ? new URL(address).hostname : `RFC ${rfc}`;
}

const cell = (text: string): string => text.replaceAll('|', '\\|');
