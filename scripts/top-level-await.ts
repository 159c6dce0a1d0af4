import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseAst } from 'vite';
import { z } from 'zod';

/** A node of the syntax tree (https://github.com/estree/estree), as far as this looks at one. */
const Node = z.looseObject({ type: z.string(), start: z.number() });
type Node = z.infer<typeof Node>;

/** Offsets in a module's text at which it waits while it is evaluated: `await`, `for await`, `await using`. */
export function topLevelAwaits(code: string): number[] {
  const found: number[] = [];
  const visit = (node: Node): void => {
    if (waits(node)) found.push(node.start);
    if (hasItsOwnTime(node)) return;
    for (const child of children(node)) visit(child);
  };
  visit(Node.parse(parseAst(code)));
  return found;
}

function waits({ type, await: each, kind }: Node): boolean {
  return (
    type === 'AwaitExpression' ||
    (type === 'ForOfStatement' && each === true) ||
    (type === 'VariableDeclaration' && kind === 'await using')
  );
}

/** What stands in a function runs when it is called. The name of a method and the like would run at once, and never wait. */
function hasItsOwnTime({ type }: Node): boolean {
  return /Function/.test(type) || type === 'PropertyDefinition';
}

function children(node: Node): Node[] {
  return Object.values(node)
    .flat()
    .flatMap((value) => {
      const child = Node.safeParse(value);
      return child.success ? [child.data] : [];
    });
}

/**
 * Refuses a built entry of Electron's main process that waits while it is evaluated, itself or in a file of ours that it
 * imports: Electron emits `ready` only afterwards (electron#40719), and what waits for `ready` would wait for ever.
 */
export async function refuseTopLevelAwait(entry: string): Promise<void> {
  const seen = new Set<string>();
  const look = async (path: string): Promise<void> => {
    if (seen.has(path)) return;
    seen.add(path);
    const code = await readFile(path, 'utf8');
    const [at] = topLevelAwaits(code);
    if (at !== undefined) {
      const line = code.slice(0, at).split('\n').length;
      throw new Error(
        `${path}:${line} awaits at the top level, so that Electron would never be ready (electron#40719)`,
      );
    }
    for (const specifier of staticImports(code)) await look(join(dirname(path), specifier));
  };
  await look(entry);
}

/** Relative specifiers of what is evaluated before the module itself. */
function staticImports(code: string): string[] {
  return children(Node.parse(parseAst(code))).flatMap(({ type, source }) => {
    const specifier = z.object({ value: z.string() }).safeParse(source).data?.value;
    const isStatic = /^(Import|ExportNamed|ExportAll)Declaration$/.test(type);
    return isStatic && specifier !== undefined && /^\.{1,2}\//.test(specifier) ? [specifier] : [];
  });
}
