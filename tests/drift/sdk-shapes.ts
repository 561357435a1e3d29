/** Reads types of the installed SDK with the TypeScript compiler. */

import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript-api';
import type { Field, Kind, ObjectShape, Place, Shape, Value } from './shape.js';

const OPTIONS: ts.CompilerOptions = {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  types: [],
  // Reading the later libraries would take longer than everything else, and no compared type needs them.
  lib: ['lib.es5.d.ts'],
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
};

/** Changes the text of a declaration file, named relative to the SDK, before it is read: how a test makes a newer SDK. */
export type Edit = (file: string, text: string) => string;

/**
 * Opens a package installed under `root`, by default the SDK. The function that comes back reads type expressions, in their order. An expression
 * names modules of the SDK as `modules` does: `{ beta: 'resources/beta/messages/messages' }` allows `beta.BetaMessage`.
 * It may use `ByName` and `ByCommand`, which make a union into an object with one field for each member.
 */
export function openSdk(root: string, name = '@anthropic-ai/sdk') {
  const entry = join(root, 'drift-entry.ts');
  const sdk = dirname(createRequire(entry).resolve(name));
  const parsed = new Map<string, ts.SourceFile>();

  const host = (source: string, edit: Edit | undefined): ts.CompilerHost => {
    const host = ts.createCompilerHost(OPTIONS);
    const { fileExists, getSourceFile } = host;
    host.fileExists = (name) => name === entry || fileExists(name);
    host.getSourceFile = (name, options, ...rest) => {
      if (name === entry) return ts.createSourceFile(name, source, options, true);
      const file = parsed.get(name) ?? getSourceFile(name, options, ...rest);
      if (file === undefined) return undefined;
      parsed.set(name, file);
      const text = edit !== undefined && name.startsWith(sdk) ? edit(relative(sdk, name), file.text) : file.text;
      return text === file.text ? file : ts.createSourceFile(name, text, options, true);
    };
    return host;
  };

  return (modules: Readonly<Record<string, string>>, expressions: readonly string[], edit?: Edit): Shape[] => {
    const source = [
      ...Object.entries(modules).map(([module, path]) => `import type * as ${module} from '${name}/${path}';`),
      'type ByName<U extends { name: string; input: unknown }> = { [M in U as M["name"]]: M["input"] };',
      'type ByCommand<U extends { command: string }> = { [M in U as M["command"]]: M };',
      ...expressions.map((expression, index) => `export type T${index} = ${expression};`),
    ].join('\n');
    const program = ts.createProgram([entry], OPTIONS, host(source, edit));
    const file = program.getSourceFile(entry)!;
    const [fault] = program.getSemanticDiagnostics(file);
    if (fault !== undefined) {
      const line = source.slice(0, fault.start).split('\n').length;
      throw new Error(
        `A compared type is gone from the SDK: ${ts.flattenDiagnosticMessageText(fault.messageText, ' ')} (${source.split('\n')[line - 1]})`,
      );
    }
    const checker = program.getTypeChecker();
    const read = reader(checker, (file) => (file.startsWith(sdk) ? relative(sdk, file) : null));
    return checker
      .getExportsOfModule(checker.getSymbolAtLocation(file)!)
      .map((symbol, index) => read(checker.getDeclaredTypeOfSymbol(symbol), { name: expressions[index]!, at: '' }));
  };
}

function reader(
  checker: ts.TypeChecker,
  fileOf: (file: string) => string | null,
): (type: ts.Type, place: Place) => Shape {
  const objects = new Map<ts.Type, ObjectShape>();

  function read(type: ts.Type, place: Place): Shape {
    const kinds = new Set<Kind>();
    const values = new Set<Value>();
    const found: ObjectShape[] = [];
    const shape = { place, any: false, null: false, kinds, values, items: null as Shape | null, objects: found };
    for (const member of type.isUnion() ? type.types : [type]) {
      if (member.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) shape.any = true;
      else if (member.flags & ts.TypeFlags.Null) shape.null = true;
      else if (member.flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Never)) continue;
      else if (member.isStringLiteral() || member.isNumberLiteral()) values.add(member.value);
      else if (member.flags & ts.TypeFlags.BooleanLiteral) values.add(checker.typeToString(member) === 'true');
      else if (isText(member)) kinds.add('string');
      else if (member.flags & ts.TypeFlags.Number) kinds.add('number');
      else if (checker.isArrayType(member)) {
        const [item] = checker.getTypeArguments(member as ts.TypeReference);
        shape.items = read(item!, { ...place, name: `${place.name}[]` });
      } else found.push(readObject(member, place));
    }
    if (values.has(true) && values.has(false)) {
      kinds.add('boolean');
      values.delete(true);
      values.delete(false);
    }
    return shape;
  }

  function readObject(type: ts.Type, usedAs: Place): ObjectShape {
    const known = objects.get(type);
    if (known !== undefined) return known;
    const declaration = type.symbol?.declarations?.[0];
    const name = nameOf(declaration);
    const place = name === null ? usedAs : placed(name, declaration);
    let fields: ReadonlyMap<string, Field> | null = null;
    const object: ObjectShape = {
      place,
      get fields() {
        fields ??= new Map(
          checker.getPropertiesOfType(type).map((property) => [property.name, readField(property, place)]),
        );
        return fields;
      },
      get others() {
        const index = checker.getIndexInfoOfType(type, ts.IndexKind.String);
        return index === undefined ? null : read(index.type, { ...place, name: `${place.name}[string]` });
      },
    };
    objects.set(type, object);
    return object;
  }

  function readField(property: ts.Symbol, owner: Place): Field {
    const declaration = property.declarations?.[0];
    const place = placed(`${nameOf(declaration?.parent) ?? owner.name}.${property.name}`, declaration);
    let shape: Shape | null = null;
    return {
      place,
      required: (property.flags & ts.SymbolFlags.Optional) === 0,
      get shape() {
        shape ??= read(checker.getTypeOfSymbol(property), place);
        return shape;
      },
    };
  }

  function placed(name: string, declaration: ts.Node | undefined): Place {
    const file = declaration?.getSourceFile();
    const path = file === undefined ? null : fileOf(file.fileName);
    if (file === undefined || path === null) return { name, at: '' };
    return { name, at: `${path}:${file.getLineAndCharacterOfPosition(declaration!.getStart(file)).line + 1}` };
  }

  return read;
}

/** `string & {}` is how the SDK writes: any text, and these values are known. */
function isText(type: ts.Type): boolean {
  return (type.flags & ts.TypeFlags.String) !== 0 || (type.isIntersection() && type.types.some(isText));
}

/** Name of an interface with its namespace. Beta types that are named as their counterparts get `Beta.` in front. */
function nameOf(declaration: ts.Node | undefined): string | null {
  if (declaration === undefined || !ts.isInterfaceDeclaration(declaration)) return null;
  const outer = declaration.parent?.parent;
  const name =
    outer !== undefined && ts.isModuleDeclaration(outer)
      ? `${outer.name.text}.${declaration.name.text}`
      : declaration.name.text;
  const beta = declaration.getSourceFile().fileName.includes('/resources/beta/') && !name.startsWith('Beta');
  return beta ? `Beta.${name}` : name;
}
