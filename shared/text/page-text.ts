/** What is asked when the window's own process is in trouble. The second button loads it anew. */
export const PAGE_UNRESPONSIVE = {
  message: 'The window does not answer',
  detail: 'Loads that are running go on, whatever you choose. Loading the window anew loses nothing that was saved.',
  buttons: ['Wait', 'Load the window anew'],
  defaultId: 0,
  cancelId: 0,
};

export const PAGE_GONE_AGAIN = {
  message: 'The window keeps closing unexpectedly',
  detail:
    'Loads that are running go on. If the window is closed, Longshore ends and loads can be resumed at the next start.',
  buttons: ['Close Longshore', 'Load the window anew'],
  defaultId: 1,
  cancelId: 0,
};

/** To whoever starts a second window on another data folder. */
export function otherDataText(data: string, asked: string): { readonly message: string; readonly detail: string } {
  return {
    message: 'Longshore is open already',
    detail: `Its data is in ${data}. To open it with ${asked}, quit it first.`,
  };
}
