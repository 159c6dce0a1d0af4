import { Loader } from '@mantine/core';
import { CircleCheck, Unplug } from 'lucide-react';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { REACH_TEXT } from '../../shared/text/reach-text.ts';
import { useBackend } from '../backend/backend-context.tsx';

/** How long it is said that all is well again, in milliseconds. */
const SAID_FOR = 5000;

/** Says at once that the backend does not answer, and when it does again. Always there, so that it is read out. */
export function ReachNotice() {
  const { reach } = useBackend();
  const state = useSyncExternalStore(reach.subscribe, reach.current);
  const [isBack, setBack] = useState(false);
  const [last, setLast] = useState(state);
  if (last !== state) {
    setLast(state);
    setBack(state === 'there');
  }
  useEffect(() => {
    if (!isBack) return;
    const timer = setTimeout(() => setBack(false), SAID_FOR);
    return () => clearTimeout(timer);
  }, [isBack]);
  const shown = state === 'there' ? (isBack ? 'back' : null) : state;
  return (
    <div className="reach" role="status">
      {shown && (
        <div className="reach-line" data-tone={shown === 'back' ? 'create' : 'warning'}>
          {shown === 'back' ? <CircleCheck size={18} aria-hidden /> : <Unplug size={18} aria-hidden />}
          <span>
            <strong>{REACH_TEXT[shown].title}</strong> {REACH_TEXT[shown].next}
          </span>
          {shown === 'lost' && <Loader role="img" size="xs" color="var(--tone)" aria-label="Trying again" />}
        </div>
      )}
    </div>
  );
}
