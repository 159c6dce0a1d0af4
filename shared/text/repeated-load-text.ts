import type { LoadSnapshot } from '../domain/load-results.ts';

/** What is said while a load is prepared once more. `when` is when it ran, as a person reads it. */
export function repeatedLoadText(
  { fileName, orgName }: Pick<LoadSnapshot, 'fileName' | 'orgName'>,
  when: string,
  standing: 'reading' | 'same' | 'changed',
): string {
  const load = `the load of ${fileName} into ${orgName} from ${when}`;
  switch (standing) {
    case 'reading':
      return `Preparing ${load} again. The file is read first.`;
    case 'same':
      return `Running ${load} again, with the same rows and mapping. Nothing is sent until you start it.`;
    case 'changed':
      return `Running ${load} again. Its rows have changed since then. Check what would change now; nothing is sent until you start it.`;
  }
}
