/** What is asked when the window's own process is in trouble. The second button loads it anew. */
export const PAGE_UNRESPONSIVE = {
  message: 'The window is not responding',
  detail: 'Running loads continue, whatever you choose. If you reload the window, nothing that was saved is lost.',
  buttons: ['Wait', 'Reload the window'],
  defaultId: 0,
  cancelId: 0,
};

export const PAGE_GONE_AGAIN = {
  message: 'The window keeps closing unexpectedly',
  detail: 'Running loads continue. If you close Longshore, they are paused, and you can resume them at the next start.',
  buttons: ['Close Longshore', 'Reload the window'],
  defaultId: 1,
  cancelId: 0,
};

/** To whoever starts a second window on another data folder. */
export function otherDataText(data: string, asked: string): { readonly message: string; readonly detail: string } {
  return {
    message: 'Longshore is already open',
    detail: `Its data is in ${data}. To open it with ${asked}, quit it first.`,
  };
}
