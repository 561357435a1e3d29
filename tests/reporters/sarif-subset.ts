/**
 * The part of the SARIF 2.1.0 schema (OASIS, errata 01) that a report of ours can touch, written by hand: names, types,
 * required members, and like there no member that is not listed.
 */

const text = { type: 'string' };
const index = { type: 'integer', minimum: -1 };
const level = { enum: ['none', 'note', 'warning', 'error'] };
const bag = { type: 'object', properties: { tags: { type: 'array', items: text, uniqueItems: true } } };
const strings = { type: 'object', additionalProperties: text };
const uriReference = { type: 'string', format: 'uri-reference' };
const time = { type: 'string', format: 'date-time', pattern: 'Z$' };
const to = (name: string) => ({ $ref: `#/$defs/${name}` });
const list = (items: object, rest: object = {}) => ({ type: 'array', items, ...rest });
const object = (properties: object, required: readonly string[] = [], rest: object = {}) => ({
  type: 'object',
  properties: { ...properties, properties: bag },
  required,
  additionalProperties: false,
  ...rest,
});

export const SARIF_SUBSET = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  properties: {
    $schema: { type: 'string', format: 'uri' },
    version: { const: '2.1.0' },
    runs: list(to('run')),
    properties: bag,
  },
  required: ['version', 'runs'],
  additionalProperties: false,
  $defs: {
    run: object(
      {
        tool: object({ driver: to('toolComponent') }, ['driver']),
        automationDetails: object({ id: text, guid: text }),
        invocations: list(to('invocation'), { uniqueItems: false }),
        artifacts: list(
          object({ location: to('artifactLocation'), mimeType: { type: 'string', pattern: '[^/]+/.+' } }),
          { uniqueItems: true },
        ),
        columnKind: { enum: ['utf16CodeUnits', 'unicodeCodePoints'] },
        results: list(to('result')),
      },
      ['tool'],
    ),
    toolComponent: object(
      {
        name: text,
        version: text,
        informationUri: { type: 'string', format: 'uri' },
        rules: list(to('reportingDescriptor'), { uniqueItems: true }),
      },
      ['name'],
    ),
    reportingDescriptor: object(
      {
        id: text,
        shortDescription: to('multiformatMessageString'),
        fullDescription: to('multiformatMessageString'),
        help: to('multiformatMessageString'),
        helpUri: { type: 'string', format: 'uri' },
        defaultConfiguration: object({ enabled: { type: 'boolean' }, level }),
      },
      ['id'],
    ),
    multiformatMessageString: object({ text, markdown: text }, ['text']),
    message: object({ text, markdown: text, id: text, arguments: list(text) }, [], {
      anyOf: [{ required: ['text'] }, { required: ['id'] }],
    }),
    invocation: object(
      {
        executionSuccessful: { type: 'boolean' },
        startTimeUtc: time,
        endTimeUtc: time,
        toolConfigurationNotifications: list(to('notification')),
        toolExecutionNotifications: list(to('notification')),
      },
      ['executionSuccessful'],
    ),
    notification: object({ message: to('message'), level }, ['message']),
    result: object(
      {
        ruleId: text,
        ruleIndex: index,
        kind: { enum: ['notApplicable', 'pass', 'fail', 'review', 'open', 'informational'] },
        level,
        message: to('message'),
        locations: list(to('location')),
        partialFingerprints: strings,
        suppressions: list(
          object(
            {
              kind: { enum: ['inSource', 'external'] },
              status: { enum: ['accepted', 'underReview', 'rejected'] },
              justification: text,
            },
            ['kind'],
          ),
          { uniqueItems: true },
        ),
        webRequest: object({
          protocol: text,
          version: text,
          target: text,
          method: text,
          headers: strings,
          body: to('artifactContent'),
        }),
        webResponse: object({
          protocol: text,
          version: text,
          statusCode: { type: 'integer' },
          headers: strings,
          body: to('artifactContent'),
          noResponseReceived: { type: 'boolean' },
        }),
      },
      ['message'],
    ),
    artifactContent: object({ text, binary: text }),
    artifactLocation: object({ uri: uriReference, index }),
    location: object({
      physicalLocation: object({
        artifactLocation: to('artifactLocation'),
        region: object({ startLine: { type: 'integer', minimum: 1 } }, ['startLine']),
      }),
      logicalLocations: list(object({ name: text, fullyQualifiedName: text, kind: text }), { uniqueItems: true }),
    }),
  },
};
