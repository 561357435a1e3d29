import { readdirSync, readFileSync } from 'node:fs';

const folder = new URL('../../schemas/', import.meta.url);

/** Names of the files in `schemas/`. */
export const SCHEMA_FILES = readdirSync(folder).filter((name) => name.endsWith('.schema.json'));

// biome-ignore lint/suspicious/noExplicitAny: a schema is walked freely here
export function readSchema(file: string): any {
  return JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
}

/** Values of `type` for which a union has a branch, sorted. */
// biome-ignore lint/suspicious/noExplicitAny: a schema is walked freely here
export function unionMembers(schema: any): string[] {
  // biome-ignore lint/suspicious/noExplicitAny: a schema is walked freely here
  const members = schema.allOf.flatMap(({ if: condition }: any) => {
    const { const: only, enum: several = [only] } = condition.properties.type;
    return several;
  });
  return members.filter((member: unknown) => member !== null).sort();
}
