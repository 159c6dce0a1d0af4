import { z } from 'zod';

/**
 * The 3-character suffix that makes a case-sensitive 15-character record id safe in case-blind places.
 * Each suffix character encodes which of five characters are capitals, lowest bit first.
 * Source: Salesforce Help 000383751, "How to convert a 15 character Id to an 18 character case-safe Id".
 */
export const SUFFIX_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';

function suffixOf(id15: string): string {
  let suffix = '';
  for (let chunk = 0; chunk < 3; chunk++) {
    let bits = 0;
    for (let position = 0; position < 5; position++) {
      const character = id15.charCodeAt(chunk * 5 + position);
      if (character >= 65 && character <= 90) bits |= 1 << position;
    }
    suffix += SUFFIX_ALPHABET.charAt(bits);
  }
  return suffix;
}

export type RecordIdProblem = 'ID_SHAPE' | 'ID_CHECKSUM';

/** Normalises a 15- or 18-character id to 18, or says what is wrong with it. Never throws. */
export function normaliseRecordId(text: string): { id: RecordId } | { problem: RecordIdProblem } {
  if (!/^(?:[a-zA-Z0-9]{15}|[a-zA-Z0-9]{18})$/.test(text)) return { problem: 'ID_SHAPE' };
  const id15 = text.slice(0, 15);
  const suffix = suffixOf(id15);
  if (text.length === 18 && text.slice(15).toUpperCase() !== suffix) return { problem: 'ID_CHECKSUM' };
  return { id: (id15 + suffix) as RecordId };
}

export const RecordId = z.string().length(18).brand<'RecordId'>();
export type RecordId = z.infer<typeof RecordId>;

/**
 * A connection to an org: whose data, seen and changed as which user. The first user of an org is known by the organization's
 * id alone, as connections were before an org could be used by several; others by both ids, with a hyphen between them.
 */
export const OrgId = z
  .string()
  .regex(/^00D[a-zA-Z0-9]{15}(?:-005[a-zA-Z0-9]{15})?$/)
  .brand<'OrgId'>();
export type OrgId = z.infer<typeof OrgId>;

/** The organization of a connection, whoever its user is. */
export function organizationOf(orgId: OrgId): OrgId {
  return OrgId.parse(orgId.slice(0, 18));
}

/** An opaque handle for a file that was handed over; the only name the renderer has for it. */
export const SourceId = z
  .string()
  .regex(/^src_[a-z0-9]{16}$/)
  .brand<'SourceId'>();
export type SourceId = z.infer<typeof SourceId>;

export const PlanId = z
  .string()
  .regex(/^plan_[a-z0-9]{16}$/)
  .brand<'PlanId'>();
export type PlanId = z.infer<typeof PlanId>;

export const LoadId = z
  .string()
  .regex(/^load_[a-z0-9]{16}$/)
  .brand<'LoadId'>();
export type LoadId = z.infer<typeof LoadId>;

/** A merge of records that are in the org, from its plan to its being taken back. */
export const MergeId = z
  .string()
  .regex(/^merge_[a-z0-9]{16}$/)
  .brand<'MergeId'>();
export type MergeId = z.infer<typeof MergeId>;

/** A saved job: what is loaded again and again, by the same rules. */
export const JobId = z
  .string()
  .regex(/^job_[a-z0-9]{16}$/)
  .brand<'JobId'>();
export type JobId = z.infer<typeof JobId>;

/** One run of a job, from reading its file to the end of its load. */
export const RunId = z
  .string()
  .regex(/^run_[a-z0-9]{16}$/)
  .brand<'RunId'>();
export type RunId = z.infer<typeof RunId>;

/** A record's number in the file, counting from 1 after the header; not the line number. */
export const SourceRowNumber = z.number().int().positive().brand<'SourceRowNumber'>();
export type SourceRowNumber = z.infer<typeof SourceRowNumber>;

/** SHA-256 in lower-case hex. */
export const Digest = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .brand<'Digest'>();
export type Digest = z.infer<typeof Digest>;

/** A field's or object's API name, as describe spells it. */
export const ApiName = z.string().min(1).max(255);
