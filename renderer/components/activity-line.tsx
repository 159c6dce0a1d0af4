import { useSyncExternalStore } from 'react';
import type { Activity } from '../backend/activity.ts';

/** A thin line over the window while the backend is at something. Screens say in words what takes long. */
export function ActivityLine({ activity }: { readonly activity: Activity }) {
  const isShown = useSyncExternalStore(activity.subscribe, activity.isShown);
  return <div className="activity" data-shown={isShown} aria-hidden />;
}
