import { startTransition, useEffect, useRef, useState, type ReactNode } from 'react';

/** So far from what can be seen rows are there already, in px: whoever scrolls or tabs on finds them. */
const AHEAD = 500;

/** Height of a row before it was ever seen, in px. */
const USUAL_HEIGHT = 62;

interface Props {
  readonly rows: number;
  readonly columns: number;
  /** Where rows are from the beginning. */
  readonly first: boolean;
  /** Rows that stay, as what lies before and after the table leads to them by Tab. */
  readonly stays: boolean;
  readonly children: () => ReactNode;
}

/** Rows of a table that are there only near what can be seen of it; elsewhere a gap of their height. */
export function NearView({ rows, columns, first, stays, children }: Props) {
  const body = useRef<HTMLTableSectionElement>(null);
  const [near, setNear] = useState(first);
  const [height, setHeight] = useState(rows * USUAL_HEIGHT);
  useEffect(() => {
    const element = body.current;
    if (!element) return undefined;
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (!entry) return;
        const { isIntersecting, boundingClientRect } = entry;
        // Who is at work in a row does not lose it.
        if (!isIntersecting && element.contains(document.activeElement)) return;
        startTransition(() => {
          if (!isIntersecting && boundingClientRect.height > 0) setHeight(boundingClientRect.height);
          setNear(isIntersecting || stays);
        });
      },
      { root: element.closest('main'), rootMargin: `${AHEAD}px 0px` },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [stays]);
  return (
    <tbody ref={body} aria-hidden={!near}>
      {near ? (
        children()
      ) : (
        <tr>
          <td colSpan={columns} style={{ height, padding: 0 }} />
        </tr>
      )}
    </tbody>
  );
}
