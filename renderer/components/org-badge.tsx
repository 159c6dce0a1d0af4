import { Code, FlaskConical, Globe, Wrench } from 'lucide-react';
import type { OrgSummary } from '../../shared/domain/org.ts';

const WORDS = { practice: 'Practice', sandbox: 'Sandbox', developer: 'Developer', production: 'Production' } as const;
const ICONS = { practice: FlaskConical, sandbox: Wrench, developer: Code, production: Globe } as const;

/** Which org everything on screen is about; production can't be overlooked. */
export function OrgBadge({ org, onClick }: { readonly org: OrgSummary | null; readonly onClick: () => void }) {
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
      <Icon size={15} aria-hidden /> {WORDS[org.kind]}: {org.name}
      {org.session === 'expired' ? ' (session ended)' : ''}
    </button>
  );
}
