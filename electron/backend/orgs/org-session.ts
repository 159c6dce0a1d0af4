import { Connection, OAuth2 } from 'jsforce';
import { z } from 'zod';
import { SObjectDescribe, SObjectSummary } from '../../../shared/domain/sobject.ts';
import { FailureError } from '../../../shared/contract/failure.ts';
import { asFailures } from './classify-salesforce-error.ts';

/** The API version every call is made in; jsforce's own default is years old. */
export const API_VERSION = '66.0';

/** What is kept of a sign-in, in the secret vault and nowhere else. */
export const StoredSession = z.object({
  accessToken: z.string(),
  refreshToken: z.string().nullable(),
  instanceUrl: z.url(),
  loginUrl: z.string(),
  clientId: z.string(),
});
export type StoredSession = z.infer<typeof StoredSession>;

export interface SessionOwner {
  /** Must be safe on disk before the new access token is used: a rotated refresh token works once. */
  save(session: StoredSession): Promise<void>;
  expired(): void;
  usage(used: number, max: number): void;
}

/** One signed-in org: hands out its access token, renews it once for all callers, and makes the small REST calls. */
export class OrgSession {
  readonly username: string;
  readonly #owner: SessionOwner;
  #stored: StoredSession;
  #refreshing: Promise<void> | null = null;
  #connection: Connection;
  /** HTTP calls made to the org through this session. */
  calls = 0;

  constructor(username: string, stored: StoredSession, owner: SessionOwner) {
    this.username = username;
    this.#owner = owner;
    this.#stored = stored;
    this.#connection = this.#connect();
  }

  get instanceUrl(): string {
    return this.#stored.instanceUrl;
  }

  get accessToken(): string {
    return this.#stored.accessToken;
  }

  get #context(): { host: string; username: string } {
    return { host: new URL(this.#stored.instanceUrl).host, username: this.username };
  }

  #connect(): Connection {
    const connection = new Connection({
      instanceUrl: this.#stored.instanceUrl,
      accessToken: this.#stored.accessToken,
      version: API_VERSION,
      // jsforce asks for a refresh on any 401; renewal happens in one place for REST and Bulk alike.
      refreshFn: (conn, done) => {
        this.refresh(conn.accessToken ?? '').then(
          () => {
            done(null, this.#stored.accessToken);
          },
          (error: unknown) => {
            done(error instanceof Error ? error : new Error(String(error)));
          },
        );
      },
    });
    return connection;
  }

  /**
   * Renews the access token, once however many callers saw the old one refused.
   * Throws `ORG_SESSION_EXPIRED` if the org does not renew it.
   */
  async refresh(refused: string): Promise<void> {
    if (refused !== this.#stored.accessToken) return;
    this.#refreshing ??= this.#renew().finally(() => {
      this.#refreshing = null;
    });
    await this.#refreshing;
  }

  async #renew(): Promise<void> {
    const { refreshToken, loginUrl, clientId } = this.#stored;
    const expired = new FailureError({ code: 'ORG_SESSION_EXPIRED', username: this.username });
    if (refreshToken === null) {
      this.#owner.expired();
      throw expired;
    }
    try {
      const answer = await asFailures(this.#context, () =>
        new OAuth2({ loginUrl, clientId }).refreshToken(refreshToken),
      );
      const renewed: StoredSession = {
        ...this.#stored,
        accessToken: answer.access_token,
        refreshToken: answer.refresh_token ?? refreshToken,
      };
      await this.#owner.save(renewed);
      this.#stored = renewed;
      this.#connection.accessToken = renewed.accessToken;
    } catch (error) {
      // Only a refusal ends the session; a lost connection or a vault that can't be written does not.
      if (error instanceof FailureError && error.failure.code === 'ORG_SESSION_EXPIRED') this.#owner.expired();
      throw error;
    }
  }

  async #call<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    this.calls++;
    const value = await asFailures(this.#context, () => work(this.#connection));
    const usage = this.#connection.limitInfo.apiUsage;
    if (usage) this.#owner.usage(usage.used, usage.limit);
    return value;
  }

  noteUsage(header: string | undefined): void {
    const match = /api-usage=(\d+)\/(\d+)/.exec(header ?? '');
    if (match) this.#owner.usage(Number(match[1]), Number(match[2]));
  }

  async objects(): Promise<SObjectSummary[]> {
    const answer = await this.#call((connection) => connection.describeGlobal());
    return z.array(SObjectSummary).parse(answer.sobjects);
  }

  async describe(objectName: string): Promise<SObjectDescribe> {
    try {
      return SObjectDescribe.parse(await this.#call((connection) => connection.describe(objectName)));
    } catch (error) {
      if (
        error instanceof FailureError &&
        error.failure.code === 'ORG_REFUSED' &&
        error.failure.errorCode === 'NOT_FOUND'
      ) {
        throw new FailureError({ code: 'OBJECT_UNKNOWN', object: objectName });
      }
      throw error;
    }
  }

  /** A query with a small result, all pages of it. */
  async query(soql: string): Promise<Record<string, unknown>[]> {
    const first = await this.#call(async (connection) => await connection.query(soql));
    const records: Record<string, unknown>[] = [...first.records];
    for (let next = first; !next.done && next.nextRecordsUrl;) {
      const url = next.nextRecordsUrl;
      next = await this.#call(async (connection) => await connection.queryMore(url));
      records.push(...next.records);
    }
    return records;
  }

  async count(soql: string): Promise<number> {
    return (await this.#call(async (connection) => await connection.query(soql))).totalSize;
  }

  /** Who the token belongs to (OpenID Connect user info, which every Salesforce token may ask for). */
  async userInfo(): Promise<{ userId: string; organizationId: string; username: string }> {
    const answer = await this.#call((connection) =>
      connection.request(`${this.#stored.instanceUrl}/services/oauth2/userinfo`),
    );
    const info = z
      .object({ user_id: z.string(), organization_id: z.string(), preferred_username: z.string() })
      .parse(answer);
    return { userId: info.user_id, organizationId: info.organization_id, username: info.preferred_username };
  }

  async revoke(): Promise<void> {
    const { loginUrl, clientId, refreshToken, accessToken } = this.#stored;
    await asFailures(this.#context, () => new OAuth2({ loginUrl, clientId }).revokeToken(refreshToken ?? accessToken));
  }
}
