import type { LoadSnapshot } from '../../shared/domain/load-results.ts';
import { fieldNamed, type SObjectDescribe } from '../../shared/domain/sobject.ts';
import { loadTitle } from '../../shared/text/load-title.ts';
import type { Draft, Step } from './draft.ts';

export const STEP_WORD: Readonly<Record<Step, string>> = {
  source: 'Source',
  mapping: 'Mapping',
  checks: 'Checks',
  plan: 'Plan',
  load: 'Load',
  report: 'Report',
};

interface Shown {
  readonly fileName: string | null;
  /** Rows of the file; null while they are not counted. */
  readonly rows: number | null;
  readonly load: LoadSnapshot | null;
  readonly describe: SObjectDescribe | null;
}

/** What the window is about, in words; at a load and its report that is the load, whatever is in preparation beside it. */
export function headline(draft: Draft, { fileName, rows, load, describe }: Shown): string {
  const { place, objectName, operation, mapping } = draft;
  switch (place.kind) {
    case 'home':
      return 'Home';
    case 'connect':
      return 'Salesforce orgs';
    case 'org':
      return 'About this org';
    case 'history':
      return 'History';
    case 'jobs':
      return 'Jobs';
    case 'export':
      return 'Export records';
    case 'settings':
      return 'Settings';
    case 'merge':
      return 'Merge duplicates';
    case 'step':
      if (isOfLoad(draft)) return load ? loadTitle(load) : 'Load';
      if (!fileName || !objectName || rows === null) return fileName ?? 'New load';
      return loadTitle({ operation, rows, objectName, ...labelsOf(describe, mapping?.matchField ?? null) });
  }
}

function labelsOf(describe: SObjectDescribe | null, matchField: string | null) {
  const matchLabel = describe && matchField ? fieldNamed(describe, matchField)?.label : undefined;
  return { objectLabel: describe?.label, matchField, matchLabel };
}

/** The file that the window's title names; null where it is about none. */
export function titleFile(draft: Draft, { fileName, load }: Pick<Shown, 'fileName' | 'load'>): string | null {
  if (draft.place.kind !== 'step') return null;
  return isOfLoad(draft) ? (load?.fileName ?? null) : fileName;
}

/** Whether what is shown is a load that was begun, and not the one in preparation. */
export function isOfLoad({ place }: Draft): boolean {
  return place.kind === 'step' && (place.step === 'load' || place.step === 'report');
}
