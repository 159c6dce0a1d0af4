import { Code, FlaskConical, Globe, Lock, Wrench } from 'lucide-react';
import type { OrgSummary } from '../../shared/domain/org.ts';
import { ORG_KIND_WORDS } from '../../shared/text/org-text.ts';

const ICONS = { practice: FlaskConical, sandbox: Wrench, developer: Code, production: Globe } as const;

interface Props {
  readonly org: OrgSummary | null;
  readonly readOnly: boolean;
  readonly onClick: () => void;
}

/** Which org everything on screen is about; production can't be overlooked. */
export function OrgBadge({ org, readOnly, onClick }: Props) {
  if (!org) {
    return (
      <button type="button" className="chip" data-tone="unchanged" onClick={onClick}>
        Not signed in
      </button>
    );
  }
  const Icon = ICONS[org.kind];
  return (
    <button
      type="button"
      className="chip"
      data-tone={org.kind}
      onClick={onClick}
      title={`${org.username} at ${org.instanceHost}`}
    >
      <Icon size={15} aria-hidden /> {ORG_KIND_WORDS[org.kind]}: {org.name}
      {readOnly && (
        <>
          <Lock size={13} aria-hidden /> read-only
        </>
      )}
      {org.session === 'expired' ? ' (session ended)' : ''}
    </button>
  );
}
