/** What a window says while Longshore's own backend does not answer it, and when it does again. */
export const REACH_TEXT = {
  lost: {
    title: 'Longshore is not answering.',
    next: 'What you entered is kept, and this window goes on by itself as soon as Longshore is back.',
  },
  'unknown-here': {
    title: 'Longshore was started again and doesn’t know this tab yet.',
    next: 'Open the address that it shows in this tab: what you entered is kept.',
  },
  back: { title: 'Longshore answers again.', next: '' },
} as const;
