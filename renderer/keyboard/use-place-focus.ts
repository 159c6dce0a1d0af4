import { useEffect, useRef } from 'react';

/**
 * Whoever comes to another screen begins at its top and at its heading, as after following a link; a screen that loads first has
 * its heading later. The first screen of a window leaves the focus where it is.
 */
export function usePlaceFocus(place: string): void {
  const shown = useRef(place);
  useEffect(() => {
    if (shown.current === place) return;
    shown.current = place;
    const main = document.querySelector<HTMLElement>('#main');
    if (!main) return;
    main.scrollTo(0, 0);
    main.focus({ preventScroll: true });
    const toHeading = (): boolean => {
      const heading = main.querySelector<HTMLElement>('h2');
      if (!heading) return false;
      heading.tabIndex = -1;
      heading.focus({ preventScroll: true });
      return true;
    };
    if (toHeading()) return;
    const observer = new MutationObserver(() => {
      // Whoever has gone on meanwhile is not called back.
      if (document.activeElement !== main || toHeading()) observer.disconnect();
    });
    observer.observe(main, { childList: true, subtree: true });
    return () => observer.disconnect();
  }, [place]);
}
