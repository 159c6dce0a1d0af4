import {
  AtSign,
  Calendar,
  Clock,
  Hash,
  Key,
  Link,
  List,
  Percent,
  Phone,
  ToggleLeft,
  Type,
  type LucideIcon,
} from 'lucide-react';
import type { FieldDescribe, FieldTypeName } from '../../shared/domain/sobject.ts';

const ICONS: Partial<Record<FieldTypeName, LucideIcon>> = {
  id: Key,
  reference: Link,
  boolean: ToggleLeft,
  int: Hash,
  double: Hash,
  currency: Hash,
  percent: Percent,
  date: Calendar,
  datetime: Clock,
  time: Clock,
  email: AtSign,
  phone: Phone,
  url: Link,
  picklist: List,
  multipicklist: List,
};

const NAMES: Partial<Record<FieldTypeName, string>> = {
  string: 'Text',
  textarea: 'Text area',
  int: 'Number',
  double: 'Number',
  currency: 'Currency',
  reference: 'Lookup',
  multipicklist: 'Multi-select',
  boolean: 'Checkbox',
  datetime: 'Date/time',
};

export function typeName(field: FieldDescribe): string {
  const name = NAMES[field.type] ?? field.type.charAt(0).toUpperCase() + field.type.slice(1);
  return field.length > 0 && (field.type === 'string' || field.type === 'textarea')
    ? `${name} (${field.length})`
    : name;
}

export function TypeIcon({ type }: { readonly type: FieldTypeName }) {
  const Icon = ICONS[type] ?? Type;
  return <Icon size={14} aria-hidden />;
}
