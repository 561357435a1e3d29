/**
 * What a value may be, in one form for both sides of the comparison: types of the SDK and JSON Schemas are read into the
 * same shapes. Shapes may lead back to themselves, so objects are read when they are looked at.
 */

export type Value = string | number | boolean;
export type Kind = 'string' | 'number' | 'boolean';

/** Where something is declared. */
export interface Place {
  /** A type and its field (`ToolUseBlock.caller`), or a schema file and pointer. */
  name: string;
  /** File and line in the SDK; empty for schemas. */
  at: string;
}

export interface Shape {
  place: Place;
  /** Nothing is said about the value. */
  any: boolean;
  null: boolean;
  /** Kinds of which any value will do. */
  kinds: ReadonlySet<Kind>;
  /** Values that are named one by one. */
  values: ReadonlySet<Value>;
  /** What a list holds; `null` when the value is no list. */
  items: Shape | null;
  objects: readonly ObjectShape[];
}

export interface ObjectShape {
  place: Place;
  fields: ReadonlyMap<string, Field>;
  /** What a field of any other name holds; `null` when nothing is said of them. */
  others: Shape | null;
  /** In a schema that branches: the field that selects this object, and the values that do. */
  tag?: { field: string; values: readonly (Value | null)[] };
}

export interface Field {
  place: Place;
  required: boolean;
  shape: Shape;
}
