import { Code, FlaskConical, Globe, Lock, Wrench } from 'lucide-react';
import type { ComponentProps } from 'react';
import type { OrgSummary } from '../../shared/domain/org.ts';
import { ORG_KIND_WORDS } from '../../shared/text/org-text.ts';

const ICONS = { practice: FlaskConical, sandbox: Wrench, developer: Code, production: Globe } as const;

interface Props extends ComponentProps<'button'> {
  readonly org: OrgSummary | null;
  readonly readOnly: boolean;
}

/** Which org everything on screen is about; production can't be overlooked. */
export function OrgBadge({ org, readOnly, ...button }: Props) {
  if (!org) {
    return (
      <button {...button} type="button" className="chip" data-tone="unchanged">
        Not signed in
      </button>
    );
  }
  const Icon = ICONS[org.kind];
  return (
    <button
      {...button}
      type="button"
      className="chip"
      data-tone={org.kind}
      title={`${org.username} at ${org.instanceHost}`}
    >
      <Icon size={15} aria-hidden /> {ORG_KIND_WORDS[org.kind]}: {org.name}
      {readOnly && (
        <>
          <Lock size={13} aria-hidden /> read-only
        </>
      )}
      {org.session === 'expired' ? ' (sign-in needed)' : ''}
    </button>
  );
}
