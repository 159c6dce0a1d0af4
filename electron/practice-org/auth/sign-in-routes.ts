import { form, html, json, type Answer, type Exchange, type Target } from '../http/exchange.ts';
import { notFound } from '../http/api-error.ts';
import { ORG_ID, type OrgData, type Session } from '../records/org-data.ts';
import type { OAuthServer } from './oauth.ts';
import { consentPage, loginPage, messagePage } from './sign-in-pages.ts';

/** What a person's browser and a client meet on the way to a session: pages, token endpoint, identity. */
export class SignInRoutes {
  readonly #data: OrgData;
  readonly #oauth: OAuthServer;

  constructor(data: OrgData, oauth: OAuthServer) {
    this.#data = data;
    this.#oauth = oauth;
  }

  /** Whose token the request carries, as Bearer or, as Salesforce takes too, OAuth. */
  bearer(target: Target): Session | null {
    const token = /^(?:Bearer|OAuth) (.+)$/i.exec(String(target.headers.authorization ?? ''))?.[1];
    return this.#oauth.sessionOf(token);
  }

  identity(target: Target): Answer {
    const session = this.bearer(target) ?? this.#oauth.sessionOf(target.query.get('oauth_token') ?? undefined);
    return session
      ? this.#identityOf(target.origin, session)
      : { status: 403, headers: { 'Content-Type': 'text/plain' }, body: 'Bad_OAuth_Token' };
  }

  /** The identity URL and userinfo (Salesforce Help, "Identity URLs"). */
  #identityOf(origin: string, session: Session): Answer {
    const users = this.#data.store.table('User');
    const value = (name: string): unknown => session.user[users?.field(name)?.slot ?? 0] ?? null;
    return json(200, {
      id: `${origin}/id/${ORG_ID}/${session.userId}`,
      sub: `${origin}/id/${ORG_ID}/${session.userId}`,
      asserted_user: true,
      user_id: session.userId,
      organization_id: ORG_ID,
      username: session.username,
      preferred_username: session.username,
      nick_name: value('CommunityNickname'),
      nickname: value('CommunityNickname'),
      name: value('Name'),
      display_name: value('Name'),
      given_name: value('FirstName'),
      family_name: value('LastName'),
      email: value('Email'),
      email_verified: true,
      active: true,
      user_type: 'STANDARD',
      language: 'en_US',
      locale: 'en_US',
      utcOffset: 0,
      urls: {
        enterprise: `${origin}/services/Soap/c/{version}/${ORG_ID}`,
        partner: `${origin}/services/Soap/u/{version}/${ORG_ID}`,
        rest: `${origin}/services/data/v{version}/`,
        sobjects: `${origin}/services/data/v{version}/sobjects/`,
        search: `${origin}/services/data/v{version}/search/`,
        query: `${origin}/services/data/v{version}/query/`,
        recent: `${origin}/services/data/v{version}/recent/`,
        profile: `${origin}/${session.userId}`,
      },
    });
  }

  openIdConfiguration(origin: string): Answer {
    return json(200, {
      issuer: origin,
      authorization_endpoint: `${origin}/services/oauth2/authorize`,
      token_endpoint: `${origin}/services/oauth2/token`,
      revocation_endpoint: `${origin}/services/oauth2/revoke`,
      userinfo_endpoint: `${origin}/services/oauth2/userinfo`,
      scopes_supported: ['api', 'refresh_token', 'web'],
      response_types_supported: ['code'],
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
    });
  }

  handle(exchange: Exchange): Answer {
    const fields = exchange.method === 'POST' ? form(exchange.body) : Object.fromEntries(exchange.query);
    switch (`${exchange.method} ${exchange.path}`) {
      case 'GET /services/oauth2/authorize': {
        const problem = this.#oauth.authorizeProblem(fields);
        if (problem !== null) return html(400, messagePage('OAuth error', problem));
        return html(200, loginPage(fields, fields['login_hint'] ?? this.#data.file.users[0]?.username ?? '', null));
      }
      case 'POST /login': {
        const { username = '', password = '', ...request } = fields;
        const pending =
          this.#oauth.authorizeProblem(request) === null ? this.#oauth.login(username, password, request) : null;
        if (!pending)
          return html(
            200,
            loginPage(
              request,
              username,
              "Please check your username and password. If you still can't log in, contact your Salesforce administrator.",
            ),
          );
        return html(200, consentPage(pending.ticket, request['client_id'] ?? '', username));
      }
      case 'POST /consent': {
        const target = this.#oauth.consent(fields['ticket'] ?? '', fields['answer'] === 'allow');
        return target === null
          ? html(400, messagePage('OAuth error', 'This page has already been used.'))
          : { status: 302, headers: { Location: target } };
      }
      case 'POST /services/oauth2/token': {
        const basic = /^Basic (.+)$/i.exec(String(exchange.headers.authorization ?? ''))?.[1];
        const answer = this.#oauth.token(fields, basic, exchange.origin);
        return json(answer.status, answer.body, { 'Cache-Control': 'no-store' });
      }
      case 'GET /services/oauth2/userinfo':
      case 'POST /services/oauth2/userinfo': {
        const session = this.bearer(exchange);
        return session
          ? this.#identityOf(exchange.origin, session)
          : { status: 403, headers: { 'Content-Type': 'text/plain' }, body: 'Bad_OAuth_Token' };
      }
      case 'POST /services/oauth2/revoke':
      case 'GET /services/oauth2/revoke':
        this.#oauth.revoke(fields['token'] ?? '');
        return { status: 200 };
      default:
        throw notFound();
    }
  }
}
