import { ArrowDown, ArrowUp, ChartColumn, type LucideIcon } from 'lucide-react';
import { memo } from 'react';
import type { RowGroup } from '../../shared/domain/row-groups.ts';
import { GROUP_LOOK } from './outcome.tsx';

const SIGNS = { ascending: ArrowUp, descending: ArrowDown, profile: ChartColumn } as const;

type PlateName = RowGroup | keyof typeof SIGNS;

const GROUPS = Object.entries(GROUP_LOOK) as [RowGroup, (typeof GROUP_LOOK)[RowGroup]][];

const PLATES = 'icon-plates';

/** Every icon that the grids show, once and out of sight: their cells are no components and copy them. */
export const IconPlates = memo(function IconPlates() {
  return (
    <div hidden id={PLATES}>
      {GROUPS.map(([group, { icon }]) => (
        <Plate key={group} name={group} icon={icon} size={13} />
      ))}
      <Plate name="ascending" icon={SIGNS.ascending} size={13} />
      <Plate name="descending" icon={SIGNS.descending} size={13} />
      <Plate name="profile" icon={SIGNS.profile} size={14} />
    </div>
  );
});

function Plate({
  name,
  icon: Icon,
  size,
}: {
  readonly name: PlateName;
  readonly icon: LucideIcon;
  readonly size: number;
}) {
  return <Icon data-plate={name} size={size} aria-hidden />;
}

/** A copy of an icon. */
export function iconCopy(name: PlateName): Element {
  const plate = document.querySelector(`#${PLATES} [data-plate="${name}"]`);
  if (!plate) throw new Error(`there is no plate of the icon ${name}`);
  const copy = plate.cloneNode(true) as Element;
  copy.removeAttribute('data-plate');
  return copy;
}
