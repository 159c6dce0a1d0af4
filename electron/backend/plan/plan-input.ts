import type { FieldMapping } from '../../../shared/domain/field-mapping.ts';
import type { OrgId, PlanId } from '../../../shared/domain/ids.ts';
import type { SObjectDescribe } from '../../../shared/domain/sobject.ts';
import type { Referenced } from '../mapping/parent-describes.ts';
import type { StagedSource } from '../source/staged-sources.ts';
import type { Step } from '../tables/tables.ts';

/** What a plan is of, as far as its load must know it too. */
export interface PlannedMapping {
  readonly planId: PlanId;
  readonly mapping: FieldMapping;
  readonly describe: SObjectDescribe;
  readonly parents: ReadonlyMap<string, SObjectDescribe>;
  /** Folder of the plan's own database and of query pages on their way into it. */
  readonly folder: string;
  /** Of a load: the step that is worked on, the first unless it is said. */
  readonly step?: Step;
}

export interface PlanInput extends PlannedMapping {
  readonly orgId: OrgId;
  readonly source: StagedSource;
  /** The objects that columns of Ids may lead to. */
  readonly referenced: readonly Referenced[];
  /** When the records are fetched, by the org's clock. */
  readonly now: number;
  /** The most that one job is sent. */
  readonly jobBytes: number;
  /** How many jobs are worked on at the same time, where the mapping does not say so. */
  readonly jobsAtOnce: number;
}
