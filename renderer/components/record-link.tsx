import { useMutation } from '@tanstack/react-query';
import type { Input } from '../../shared/contract/procedures.ts';
import type { OrgId } from '../../shared/domain/ids.ts';
import { RecordId } from '../../shared/domain/ids.ts';
import { recordAddress } from '../../shared/domain/org.ts';
import { useBackend, useCall, useDesk } from '../backend/backend-context.tsx';

interface Props {
  readonly orgId: OrgId;
  readonly id: string;
  /** What stands there; the Id unless it is said. */
  readonly children?: string;
}

/** A record by its Id, or its name, which leads to its page in Salesforce. */
export function RecordLink({ orgId, id, children = id }: Props) {
  const backend = useBackend();
  const desk = useDesk();
  const open = useMutation({ mutationFn: (what: Input<'orgs.openRecord'>) => backend.call('orgs.openRecord', what) });
  const orgs = useCall('orgs.list', {}, { keep: true });
  const org = orgs.data?.find((one) => one.orgId === orgId);
  const address = org ? recordAddress(org, id) : null;
  if (address === null) return children;
  const label = `${children}: open in Salesforce`;
  // The desktop's window goes nowhere by itself: the person's own browser does.
  if (desk)
    return (
      <>
        <button
          type="button"
          className="link"
          aria-label={label}
          onClick={() => open.mutate({ orgId, recordId: RecordId.parse(id) })}
        >
          {children}
        </button>
        {open.error && <span role="status"> Your browser could not be opened.</span>}
      </>
    );
  return (
    <a href={address} target="_blank" rel="noopener noreferrer" aria-label={label}>
      {children}
    </a>
  );
}
