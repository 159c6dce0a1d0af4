import type { OrgFile } from './schema-file.ts';
import type { Field, SObject } from './schema.ts';

/** What a user may do: the permissions of a profile as far as the API shows them. */
export class Profile {
  readonly name: string;
  readonly #permissions: Set<string>;
  readonly #fields: Map<string, 'none' | 'read'>;
  readonly #objects: Map<string, Set<string>>;

  constructor(file: OrgFile['profiles'][number]) {
    this.name = file.name;
    this.#permissions = new Set(file.permissions);
    this.#fields = new Map(Object.entries(file.fieldPermissions).map(([name, may]) => [name.toLowerCase(), may]));
    this.#objects = new Map(
      Object.entries(file.objectPermissions).map(([name, may]) => [name.toLowerCase(), new Set<string>(may)]),
    );
  }

  /** Whether it gives a user permission, by its name without `Permissions`. */
  has(permission: string): boolean {
    return this.#permissions.has(permission);
  }

  mayRead(object: SObject, field: Field): boolean {
    return this.#fields.get(`${object.name}.${field.name}`.toLowerCase()) !== 'none';
  }

  mayWrite(object: SObject, field: Field, operation: 'create' | 'update'): boolean {
    if (this.#fields.size > 0 && this.#fields.has(`${object.name}.${field.name}`.toLowerCase())) return false;
    return operation === 'create' ? field.createable : field.updateable;
  }

  may(object: SObject, action: 'create' | 'edit' | 'delete'): boolean {
    if (object.readOnly) return false;
    return this.#objects.get(object.name.toLowerCase())?.has(action) ?? true;
  }
}
