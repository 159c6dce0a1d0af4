import { useCallback, useEffect, useRef } from 'react';
import type { LoadSnapshot } from '../../shared/domain/load-results.ts';
import { useCall } from '../backend/backend-context.tsx';
import { useSignInGate } from './sign-in-context.tsx';

/**
 * Asks for a sign-in over a load that is paused for want of one, and resumes it then: once by itself, and whenever what it gives
 * is called. Null for a load that no sign-in helps.
 */
export function useSignInToResume(load: LoadSnapshot | undefined, resume: () => void): (() => void) | null {
  const gate = useSignInGate();
  const orgs = useCall('orgs.list', {});
  const isEnded = load?.state.kind === 'paused' && load.state.failure.code === 'ORG_SESSION_EXPIRED';
  const org = isEnded ? orgs.data?.find(({ orgId }) => orgId === load.orgId) : undefined;
  const signIn = useCallback(async (): Promise<void> => {
    if (org && (await gate?.ask(org)) === true) resume();
  }, [gate, org, resume]);
  const asked = useRef(false);
  useEffect(() => {
    if (!isEnded) asked.current = false;
    else if (org?.session === 'expired' && !asked.current) {
      asked.current = true;
      void signIn();
    }
  }, [isEnded, org, signIn]);
  return org ? () => void signIn() : null;
}
