import type { LoadingPermission, OrgLimit } from '../domain/org-facts.ts';
import type { OrgKind } from '../domain/org.ts';

export const ORG_KIND_WORDS: Record<OrgKind, string> = {
  practice: 'Practice',
  sandbox: 'Sandbox',
  developer: 'Developer',
  production: 'Production',
};

/** Salesforce's own names of the permissions, and what each is for in a load. */
export const PERMISSION_WORDS: Record<LoadingPermission, readonly [name: string, what: string]> = {
  ApiEnabled: ['API Enabled', 'Required for every load.'],
  BulkApiHardDelete: ['Bulk API Hard Delete', 'Deleting past the recycle bin.'],
  CreateAuditFields: [
    'Set Audit Fields upon Record Creation',
    'Inserting records with your own created or modified dates.',
  ],
  UpdateWithInactiveOwner: ['Update Records with Inactive Owners', 'Changing records whose owner is inactive.'],
  ModifyAllData: ['Modify All Data', 'Changing other users’ records, regardless of sharing.'],
};

export const LIMIT_WORDS: Record<OrgLimit, string> = {
  DailyApiRequests: 'API calls in 24 hours',
  DailyBulkApiBatches: 'Bulk API batches in 24 hours',
  DailyBulkV2QueryJobs: 'Bulk query jobs in 24 hours',
  DataStorageMB: 'Data storage (MB)',
  FileStorageMB: 'File storage (MB)',
};
