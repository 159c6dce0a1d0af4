/** What a window says while Longshore's own backend does not answer it, and when it does again. */
export const REACH_TEXT = {
  lost: {
    title: 'Longshore is not responding.',
    next: 'Everything you entered is kept. This window continues by itself when Longshore is back.',
  },
  'unknown-here': {
    title: 'Longshore was restarted and doesn’t know this tab.',
    next: 'Open the address it shows in this tab. Everything you entered is kept.',
  },
  back: { title: 'Longshore is responding again.', next: '' },
} as const;
