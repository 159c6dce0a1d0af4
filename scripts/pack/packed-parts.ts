import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { builderPart } from './builder-part.ts';

/** Readers for what electron-builder writes: the archive, the fuses, the property lists and the resources of Windows. */
interface Asar {
  listPackage(archive: string, options: { isPack: boolean }): string[];
  extractFile(archive: string, file: string): Buffer;
  extractAll(archive: string, to: string): void;
}

export const asar = builderPart('@electron/asar') as Asar;

const SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';

/** Each fuse in the binary's order: burnt in, not, or `null` for one that Electron took away. */
export async function readFuses(binary: string): Promise<(boolean | null)[]> {
  const bytes = await readFile(binary);
  const at = bytes.indexOf(SENTINEL);
  if (at === -1) throw new Error(`${binary} has no fuses`);
  const start = at + SENTINEL.length + 2;
  const wire = bytes.subarray(start, start + (bytes[start - 1] ?? 0)).toString('latin1');
  return [...wire].map((state) => (state === 'r' ? null : state === '1'));
}

const Plist = z.looseObject({
  CFBundleIdentifier: z.string(),
  CFBundleShortVersionString: z.string(),
  CFBundleIconFile: z.string(),
  LSApplicationCategoryType: z.string(),
  CFBundleDocumentTypes: z
    .array(
      z
        .object({
          CFBundleTypeExtensions: z.array(z.string()),
          CFBundleTypeRole: z.string(),
          LSHandlerRank: z.string(),
        })
        .loose(),
    )
    .default([]),
  ElectronAsarIntegrity: z.record(z.string(), z.object({ algorithm: z.string(), hash: z.string() })),
});

export async function readInfoPlist(file: string): Promise<z.infer<typeof Plist>> {
  const plist = builderPart('plist') as { parse(text: string): unknown };
  return Plist.parse(plist.parse(await readFile(file, 'utf8')));
}

interface Entry {
  readonly type: string | number;
  readonly id: string | number;
  readonly bin: ArrayBuffer;
}
interface Language {
  readonly lang: number;
  readonly codepage: number;
}
interface Program {
  generate(): ArrayBuffer;
}
interface Resources {
  entries: Entry[];
  outputResource(program: Program): void;
}
interface VersionInfo {
  getStringValues(language: Language): Record<string, string>;
  setStringValues(language: Language, values: Record<string, string>): void;
  outputToResourceEntries(entries: Entry[]): void;
}
/** resedit, which electron-builder edits Windows’ programs with. */
export const resedit = builderPart('resedit') as {
  NtExecutable: { from(bytes: Buffer): Program; createEmpty(is32Bit: boolean, isDll: boolean): Program };
  NtExecutableResource: { from(program: Program): Resources };
  Resource: { VersionInfo: { fromEntries(entries: Entry[]): VersionInfo[]; createEmpty(): VersionInfo } };
};
export const ENGLISH: Language = { lang: 0x0409, codepage: 1200 };
const RT_GROUP_ICON = 14;

/** What Windows shows of a program, and the digests of its archive that Electron checks at the start. */
export async function readWindowsProgram(
  file: string,
): Promise<{ version: Record<string, string>; icons: number; integrity: unknown }> {
  const { NtExecutable, NtExecutableResource, Resource } = resedit;
  const { entries } = NtExecutableResource.from(NtExecutable.from(await readFile(file)));
  const digests = entries.find(({ type, id }) => type === 'INTEGRITY' && id === 'ELECTRONASAR');
  return {
    version: Resource.VersionInfo.fromEntries(entries)[0]?.getStringValues(ENGLISH) ?? {},
    icons: entries.filter(({ type }) => type === RT_GROUP_ICON).length,
    integrity: digests === undefined ? null : JSON.parse(Buffer.from(digests.bin).toString('utf8')),
  };
}
